import { lockCapture } from "./lock.ts";

/** Where the bytes of a capture go. */
export interface CaptureSink {
  /** Writes some of `bytes`, at least one, without blocking the calling thread; gives how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Cuts the file to so many bytes; only a regular file has this. */
  truncate?(bytes: number): Promise<void>;
  close(): void;
}

/** One file of a capture. */
export interface CaptureFile {
  /** As it is said to people. */
  readonly name: string;
  readonly sink: CaptureSink;
}

/** When a capture goes on in another file. */
export interface Rotation {
  /** Before a file becomes larger than this; at least `MIN_FILE_BYTES`. */
  readonly bytes?: number;
  /** When a file that has packets has been open for so many milliseconds. */
  readonly ms?: number;
  /** How many files are kept, the newest; absent: all. */
  readonly keep?: number;
}

/** A file may not be limited to less: the largest packet, with all that is around it, always fits. */
export const MIN_FILE_BYTES = 128 * 1024;

/**
 * The files of a capture, opened one after the other. With rotation they are numbered and dated as dumpcap does:
 * lab.pcapng becomes lab_00001_20260102030405.pcapng.
 */
export class CaptureFiles {
  readonly #path: string;
  readonly #rotation: Rotation | undefined;
  #count = 0;
  /** The files that may have to be removed, oldest first. */
  #kept: string[] = [];

  constructor(path: string, rotation: Rotation | undefined) {
    this.#path = path;
    this.#rotation = rotation;
  }

  /** Opens the next file. @throws {Deno.errors.Busy} when another capture is being written into it. */
  async openNext(): Promise<CaptureFile> {
    this.#count++;
    if (this.#rotation === undefined) return await openFile(this.#path);
    const file = await openFile(numberedName(this.#path, this.#count, new Date()));
    await this.#keep(file.name, this.#rotation.keep ?? Infinity);
    return file;
  }

  /** Removes the oldest files. One that cannot be removed, as it is open in Wireshark, is tried again the next time. */
  async #keep(name: string, most: number): Promise<void> {
    this.#kept.push(name);
    const surplus = this.#kept.splice(0, Math.max(0, this.#kept.length - most));
    const stuck: string[] = [];
    for (const old of surplus) {
      await Deno.remove(old).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) stuck.push(old);
      });
    }
    this.#kept.unshift(...stuck);
  }
}

/** The name of file `number` of a capture: number and local time before the extension. */
export function numberedName(path: string, number: number, time: Date): string {
  const [, stem, extension] = /^(.*[^\\/])(\.[^.\\/]*)$/s.exec(path) ?? ["", path, ""];
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  const digits = [...date, ...clock].map((part) => String(part).padStart(2, "0")).join("");
  return `${stem}_${String(number).padStart(5, "0")}_${digits}${extension}`;
}

/** Opens for writing, without emptying it, what may also be a named pipe or a device, which cannot be truncated. */
async function openFile(name: string): Promise<CaptureFile> {
  const file = await Deno.open(name, { write: true, create: true });
  try {
    if (!(await file.stat()).isFile) {
      return { name, sink: { write: (bytes) => file.write(bytes), close: () => file.close() } };
    }
    const lock = lockCapture(file, name);
    if (lock === undefined) throw new Deno.errors.Busy("another capture is being written into it");
    return {
      name,
      sink: {
        write: (bytes) => file.write(bytes),
        truncate: (bytes) => file.truncate(bytes),
        close: () => {
          file.close();
          lock.close();
        },
      },
    };
  } catch (error) {
    file.close();
    throw error;
  }
}
