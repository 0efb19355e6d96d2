import type { SystemLibraries } from "../../windows/system_libraries.ts";
import { lockCapture } from "./lock.ts";

/** The destination of a capture's bytes. */
export interface CaptureSink {
  /**
   * Writes some of `bytes`, at least one, without blocking the calling thread. Resolves to the number of written bytes.
   * Rejects if writing fails.
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Cuts the file to this number of bytes. Only a regular file has this function. Rejects if cutting fails. */
  truncate?(bytes: number): Promise<void>;
  /** Closes the destination at once, even if a write is under way. */
  close(): void;
}

/** One file of a capture, owned by the capture that writes it. */
export interface CaptureFile {
  /** The path, as it is shown to people. */
  readonly name: string;
  readonly sink: CaptureSink;
}

/** The source of a capture's files. */
export interface CaptureSource {
  /** Opens the next file, which the caller closes. Rejects if that fails. */
  openNext(): Promise<CaptureFile>;
  /** The number of opened files that have not been removed. */
  readonly kept: number;
}

/** The conditions on which a capture starts another file. */
export interface Rotation {
  /** The highest size of a file in bytes, at least `MIN_FILE_BYTES`; absent: no limit. */
  readonly bytes?: number;
  /** The age in milliseconds at which a file that has packets is followed by another; absent: no limit. */
  readonly ms?: number;
  /** The number of files that are kept, the newest ones; absent: all. */
  readonly keep?: number;
}

/** The lowest size limit of a file. The largest packet fits, with all blocks around it. */
export const MIN_FILE_BYTES = 128 * 1024;

/**
 * The files of a capture, opened one after the other. With rotation, their names have a number and a date, as those of
 * dumpcap: lab.pcapng becomes lab_00001_20260102030405.pcapng.
 */
export class CaptureFiles implements CaptureSource {
  readonly #path: string;
  readonly #rotation: Rotation | undefined;
  readonly #libraries: SystemLibraries | undefined;
  #count = 0;
  /** The names of the files that have not been removed, oldest first. */
  #kept: string[] = [];

  /**
   * @param path The path of the file, or with rotation of the file that the numbered names are made from.
   * @param libraries The DLLs that lock files on Windows; `undefined` on another operating system.
   */
  constructor(path: string, rotation: Rotation | undefined, libraries: SystemLibraries | undefined) {
    this.#path = path;
    this.#rotation = rotation;
    this.#libraries = libraries;
  }

  get kept(): number {
    return this.#kept.length;
  }

  /**
   * Opens the next file, does not empty it, and removes the oldest files if there are too many. The caller closes it.
   *
   * @throws {Deno.errors.Busy} If another capture is being written into the file.
   * @throws {Deno.errors.IsADirectory} If the path is that of a folder, on every operating system.
   * @throws The errors of `Deno.open()`.
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

  /** Adds a file and removes the oldest. If one cannot be removed, because Wireshark has it open, it is tried again later. */
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

/** Returns the name of file `number` of a capture: the path, with the number and the local time before the extension. */
export function numberedName(path: string, number: number, time: Date): string {
  const [, stem, extension] = /^(.*[^\\/])(\.[^.\\/]*)$/s.exec(path) ?? ["", path, ""];
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()];
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()];
  const digits = [...date, ...clock].map((part) => String(part).padStart(2, "0")).join("");
  return `${stem}_${String(number).padStart(5, "0")}_${digits}${extension}`;
}

/**
 * Refuses the path of a folder. Opening a folder fails with misleading errors: Windows reports that access is denied or
 * the handle is invalid. Numbered files would lie beside the folder, although a user who names one wants them inside.
 *
 * @throws {Deno.errors.IsADirectory}
 */
async function refuseFolder(path: string): Promise<void> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory) throw new Deno.errors.IsADirectory("it is a folder");
}

/** Opens a file for writing and does not empty it. Accepts also a named pipe or a device, which cannot be cut. */
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
