import { join } from "@std/path";
import { ensureProtectedFolder } from "../windows/protected_folder.ts";
import { programDataFolder } from "../windows/shell32.ts";
import { System, systemFolder, systemPaths } from "../windows/system.ts";

/** A file that a keeper writes what happens to, for administrators. */
export class KeeperLog implements Disposable {
  readonly path: string;
  readonly #folder: string;
  readonly #file: Deno.FsFile;

  private constructor(folder: string, path: string) {
    this.#folder = folder;
    this.path = path;
    this.#file = Deno.openSync(path, { create: true, write: true, truncate: true });
  }

  /**
   * Starts the log of the keeper of the adapter with that GUID, `%ProgramData%\wintun\keeper-GUID.log`.
   * @throws {UnprotectedFolderError} when that folder is not the administrators' own.
   */
  static open(guid: string): KeeperLog {
    const folder = logFolder();
    return new KeeperLog(folder, logPath(folder, guid));
  }

  /** Deletes the log that a keeper left when it died, if there is one. */
  static discardLeftover(guid: string): void {
    const folder = logFolder();
    discard(folder, logPath(folder, guid));
  }

  write(level: string, message: string): void {
    const line = `${new Date().toISOString()} ${level.padEnd(7)} ${message.replaceAll(/\r?\n/g, " | ")}\r\n`;
    this.#file.writeSync(new TextEncoder().encode(line));
    this.#file.syncDataSync();
  }

  /** Ends the log and deletes it: all went as it was asked for. */
  discard(): void {
    this.close();
    discard(this.#folder, this.path);
  }

  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function logFolder(): string {
  const path = (name: string): string => join(systemFolder(), `${name}.dll`);
  const folder = join(programDataFolder({ shell32: path("shell32"), ole32: path("ole32") }), "wintun");
  using system = new System(systemPaths());
  ensureProtectedFolder(system, folder);
  return folder;
}

function logPath(folder: string, guid: string): string {
  return join(folder, `keeper-${guid}.log`);
}

/** Deletes a log, and the folder with the last one. */
function discard(folder: string, path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    Deno.removeSync(folder);
  } catch {
    // Logs of other keepers are in it.
  }
}
