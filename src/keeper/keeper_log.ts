import { join } from "@std/path";
import { FileHandle } from "../windows/file.ts";
import { programFolder } from "../windows/program_folder.ts";
import { lookAtProtectedFolder, openProtectedFolder } from "../windows/protected_folder.ts";
import { ADMINISTRATORS_FILE } from "../windows/sddl.ts";
import { withSecurityAttributes } from "../windows/security.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";

/** What a log needs of its file. */
export type LogFile = Pick<FileHandle, "path" | "write" | "flush" | "close">;

/** A file that a keeper writes what happens to, for administrators. */
export class KeeperLog implements Disposable {
  readonly path: string;
  readonly #folder: Disposable;
  #file: LogFile | undefined;

  /** Takes over a new file, and its folder, which stays open for as long as the log. */
  constructor(file: LogFile, folder: Disposable) {
    this.path = file.path;
    this.#file = file;
    this.#folder = folder;
  }

  /**
   * Starts the log of the keeper of the adapter with that GUID, in the place of an older one: `keeper-GUID.log` in
   * `%ProgramData%\wintun`, which is made for administrators only.
   * @throws {UnprotectedFolderError} when the folder is there and not the administrators' own.
   * @throws {Win32Error}
   */
  static open(libraries: SystemLibraries, guid: string): KeeperLog {
    using opened = new DisposableStack();
    const folder = opened.use(openProtectedFolder(libraries, programFolder(libraries)));
    const path = logPath(folder, guid);
    removeIfThere(path);
    const file = withSecurityAttributes(
      libraries,
      ADMINISTRATORS_FILE,
      (attributes) => FileHandle.create(libraries, path, attributes),
    );
    opened.move();
    return new KeeperLog(file, folder);
  }

  /** Adds a line. The first one that cannot be written, as on a full disk, is the last that is tried. */
  write(level: string, message: string): void {
    const line = `${new Date().toISOString()} ${level.padEnd(7)} ${message.replaceAll(/\r?\n/g, " | ")}\r\n`;
    try {
      this.#file?.write(new TextEncoder().encode(line));
      this.#file?.flush();
    } catch {
      this.#closeFile();
    }
  }

  /** Ends the log and deletes it: all went as it was asked for. The folder stays, so that nobody else can make it anew. */
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

/** Deletes the log that the keeper of the adapter with that GUID left when it died, if there is one. */
export function discardLeftoverLog(libraries: SystemLibraries, guid: string): void {
  try {
    using folder = lookAtProtectedFolder(libraries, programFolder(libraries));
    removeIfThere(logPath(folder, guid));
  } catch {
    // No keeper has written to a folder that is not there, or that is not the administrators' own.
  }
}

function logPath(folder: FileHandle, guid: string): string {
  return join(folder.path, `keeper-${guid}.log`);
}

/** What cannot be deleted, because somebody reads it, stays, and does no harm. */
function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is not there, or it is in use.
  }
}
