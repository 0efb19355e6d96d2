import { join } from "@std/path";
import { FileHandle } from "../windows/file.ts";
import { programFolder } from "../windows/program_folder.ts";
import { lookAtProtectedFolder, openProtectedFolder } from "../windows/protected_folder.ts";
import { ADMINISTRATORS_FILE } from "../windows/sddl.ts";
import { withSecurityAttributes } from "../windows/security.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";

const RECENT_MS = 60_000;

/** The part of a file that a log uses. */
export type LogFile = Pick<FileHandle, "path" | "write" | "flush" | "close">;

/** A keeper's log file, which only administrators can read. */
export class KeeperLog implements Disposable {
  readonly path: string;
  readonly #folder: Disposable;
  #file: LogFile | undefined;

  /** Takes ownership of a new file and of its folder. The folder stays open as long as the log. */
  constructor(file: LogFile, folder: Disposable) {
    this.path = file.path;
    this.#file = file;
    this.#folder = folder;
  }

  /**
   * Creates the log of the keeper of the adapter with that GUID, and replaces an older one: `keeper-GUID.log` in
   * `%ProgramData%\wintun`. If the folder does not exist, it is made for administrators only. The caller owns the log.
   * @param continues Whether the log begins with what a keeper of that adapter has written within the last minute: Windows
   * starts a persistent one again after a failure, whose reason must not be lost.
   * @throws {UnprotectedFolderError} when the folder exists and is not protected against other users.
   * @throws {Win32Error} when Windows refuses to create the folder or the file.
   */
  static open(libraries: SystemLibraries, guid: string, { continues = false } = {}): KeeperLog {
    using opened = new DisposableStack();
    const folder = opened.use(openProtectedFolder(libraries, programFolder(libraries)));
    const path = logPath(folder, guid);
    const earlier = continues ? readRecent(path) : undefined;
    removeIfThere(path);
    const file = opened.use(withSecurityAttributes(
      libraries,
      ADMINISTRATORS_FILE,
      (attributes) => FileHandle.create(libraries, path, attributes),
    ));
    if (earlier !== undefined) file.write(earlier);
    opened.move();
    return new KeeperLog(file, folder);
  }

  /** Adds a line and flushes it. After the first line that cannot be written, as on a full disk, it writes no more. */
  write(level: string, message: string): void {
    const line = `${new Date().toISOString()} ${level.padEnd(7)} ${message.replaceAll(/\r?\n/g, " | ")}\r\n`;
    try {
      this.#file?.write(new TextEncoder().encode(line));
      this.#file?.flush();
    } catch {
      this.#closeFile();
    }
  }

  /** Closes the log and deletes its file, because nothing failed. The folder stays, so that nobody else can create it. */
  discard(): void {
    this.#closeFile();
    removeIfThere(this.path);
    this.close();
  }

  /** Idempotent. */
  close(): void {
    this.#closeFile();
    this.#folder[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #closeFile(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/** Deletes the log that a dead keeper of the adapter with that GUID left, if there is one. Ignores all errors. */
export function discardLeftoverLog(libraries: SystemLibraries, guid: string): void {
  try {
    using folder = lookAtProtectedFolder(libraries, programFolder(libraries));
    removeIfThere(logPath(folder, guid));
  } catch {
    // No keeper has written to a folder that does not exist, or that is not protected.
  }
}

function logPath(folder: FileHandle, guid: string): string {
  return join(folder.path, `keeper-${guid}.log`);
}

/** Reads a log to which somebody wrote within the last minute. */
function readRecent(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const writtenAt = Deno.statSync(path).mtime?.getTime() ?? 0;
    return Date.now() - writtenAt < RECENT_MS ? Deno.readFileSync(path) : undefined;
  } catch {
    // There is none.
    return undefined;
  }
}

/** Deletes a file. A file that somebody reads cannot be deleted; it stays and does no harm. */
function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The file does not exist, or it is in use.
  }
}
