import { join } from "@std/path";
import { FileHandle } from "../windows/file.ts";
import { ensureProtectedFolder, requireProtected } from "../windows/protected_folder.ts";
import { programFolder } from "../windows/program_folder.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";

/** A file that a keeper writes what happens to, for administrators. */
export class KeeperLog implements Disposable {
  readonly path: string;
  readonly #folder: string;
  #file: Deno.FsFile | undefined;

  /** Starts the log of the keeper of the adapter with that GUID: `keeper-GUID.log` in the folder. */
  constructor(folder: string, guid: string) {
    this.#folder = folder;
    this.path = logPath(folder, guid);
    this.#file = Deno.openSync(this.path, { create: true, write: true, truncate: true });
  }

  /** Adds a line. The first one that cannot be written, as on a full disk, is the last that is tried. */
  write(level: string, message: string): void {
    const line = `${new Date().toISOString()} ${level.padEnd(7)} ${message.replaceAll(/\r?\n/g, " | ")}\r\n`;
    try {
      this.#file?.writeSync(new TextEncoder().encode(line));
      this.#file?.syncDataSync();
    } catch {
      this.close();
    }
  }

  /** Ends the log and deletes it: all went as it was asked for. */
  discard(): void {
    this.close();
    discard(this.#folder, this.path);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * The folder of the keepers' logs, `%ProgramData%\wintun`, made for administrators only.
 * @throws {UnprotectedFolderError} when it is there and not the administrators' own.
 */
export function openLogFolder(libraries: SystemLibraries): string {
  const folder = programFolder(libraries);
  ensureProtectedFolder(libraries, folder);
  return folder;
}

/** Deletes the log that the keeper of the adapter with that GUID left when it died, if there is one. */
export function discardLeftoverLog(libraries: SystemLibraries, guid: string): void {
  const folder = programFolder(libraries);
  try {
    using opened = FileHandle.look(libraries, folder);
    requireProtected(libraries, opened, "folder");
  } catch {
    // No keeper has written to a folder that is not there, or that is not the administrators' own.
    return;
  }
  discard(folder, logPath(folder, guid));
}

function logPath(folder: string, guid: string): string {
  return join(folder, `keeper-${guid}.log`);
}

/** Deletes a log, and the folder with the last one. What cannot be deleted stays, and does no harm. */
function discard(folder: string, path: string): void {
  for (const each of [path, folder]) {
    try {
      Deno.removeSync(each);
    } catch {
      // It is not there, somebody reads it, or there are other files in the folder.
    }
  }
}
