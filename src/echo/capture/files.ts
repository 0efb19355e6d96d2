import type { SystemLibraries } from "../../windows/system_libraries.ts";
import { lockCapture } from "./lock.ts";

/** Where the bytes of a capture go. */
export interface CaptureSink {
  /** Writes some of `bytes`, at least one, without blocking the calling thread, and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Cuts the file to so many bytes; only a regular file has this. */
  truncate?(bytes: number): Promise<void>;
  /** Closes it, at once, even if a write is under way. */
  close(): void;
}

/** One file of a capture, owned by the capture that writes it. */
export interface CaptureFile {
  /** Its path, as it is shown to people. */
  readonly name: string;
  readonly sink: CaptureSink;
}

/** Where a capture gets its files from. */
export interface CaptureSource {
  /** Opens the next file. @throws when that cannot be done. */
  openNext(): Promise<CaptureFile>;
  /** How many of the files that were opened have not been removed. */
  readonly kept: number;
}

/** When a capture starts another file. */
export interface Rotation {
  /** Before a file becomes larger than this; at least `MIN_FILE_BYTES`. */
  readonly bytes?: number;
  /** When a file that has packets has been open for so many milliseconds. */
  readonly ms?: number;
  /** How many files are kept, the newest; absent: all. */
  readonly keep?: number;
}

/** The lowest limit of a file: the largest packet fits, with all blocks around it. */
export const MIN_FILE_BYTES = 128 * 1024;

/**
 * The files of a capture, opened one after the other. With rotation they are numbered and dated as dumpcap does:
 * lab.pcapng becomes lab_00001_20260102030405.pcapng.
 */
export class CaptureFiles implements CaptureSource {
  readonly #path: string;
  readonly #rotation: Rotation | undefined;
  readonly #libraries: SystemLibraries | undefined;
  #count = 0;
  /** The files that are there, oldest first. */
  #kept: string[] = [];

  /** @param libraries Windows', which lock the files there; `undefined` on another operating system. */
  constructor(path: string, rotation: Rotation | undefined, libraries: SystemLibraries | undefined) {
    this.#path = path;
    this.#rotation = rotation;
    this.#libraries = libraries;
  }

  get kept(): number {
    return this.#kept.length;
  }

  /**
   * Opens the next file.
   * @throws {Deno.errors.Busy} when another capture is being written into it.
   * @throws {Deno.errors.IsADirectory} when the path is that of a folder, on every operating system.
   */
  async openNext(): Promise<CaptureFile> {
    this.#count++;
    await refuseFolder(this.#path);
    const isNumbered = this.#rotation !== undefined;
    const name = isNumbered ? numberedName(this.#path, this.#count, new Date()) : this.#path;
    const file = await openFile(this.#libraries, name);
    await this.#keep(file.name, this.#rotation?.keep ?? Infinity);
    return file;
  }

  /** Removes the oldest files. One that cannot be removed, because Wireshark has it open, is tried again next time. */
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

/** Returns the name of file `number` of a capture: the path, with number and local time before the extension. */
export function numberedName(path: string, number: number, time: Date): string {
  const [, stem, extension] = /^(.*[^\\/])(\.[^.\\/]*)$/s.exec(path) ?? ["", path, ""];
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  const digits = [...date, ...clock].map((part) => String(part).padStart(2, "0")).join("");
  return `${stem}_${String(number).padStart(5, "0")}_${digits}${extension}`;
}

/**
 * Opening a folder fails in ways that say little: Windows calls the access denied or the handle invalid. Numbered files
 * would lie beside the folder, although whoever names one wants them inside.
 */
async function refuseFolder(path: string): Promise<void> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory) throw new Deno.errors.IsADirectory("it is a folder");
}

/** Opens a file for writing and does not empty it. A named pipe or a device is taken too, and cannot be cut. */
async function openFile(libraries: SystemLibraries | undefined, name: string): Promise<CaptureFile> {
  const file = await Deno.open(name, { write: true, create: true });
  try {
    if (!(await file.stat()).isFile) {
      return { name, sink: { write: (bytes) => file.write(bytes), close: () => file.close() } };
    }
    const lock = lockCapture(libraries, file, name);
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
