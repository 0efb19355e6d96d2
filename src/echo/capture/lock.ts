import { lockFile } from "../../windows/file_lock.ts";
import type { SystemLibraries } from "../../windows/system_libraries.ts";

/** What is to be closed where the lock ends with its file, or where there are no locks. */
const NOTHING_TO_CLOSE = { close: (): void => {} };

/**
 * Keeps other captures, but no reader, out of a regular file that is open for writing, until the returned object is
 * closed. Returns `undefined` if another capture is being written into the file.
 * @param libraries Windows'; `undefined` on another operating system.
 */
export function lockCapture(
  libraries: SystemLibraries | undefined,
  file: Deno.FsFile,
  path: string,
): { close(): void } | undefined {
  try {
    // Deno's own lock would keep readers out there: Windows enforces it, over the whole file.
    if (libraries !== undefined) return lockFile(libraries, path);
    // Deno 2.4 does not have it.
    const { tryLockSync } = file as { tryLockSync?(exclusive: boolean): boolean };
    return tryLockSync?.call(file, true) === false ? undefined : NOTHING_TO_CLOSE;
  } catch {
    // Some network file systems have no locks, and some paths are too long for Windows to open as they are.
    return NOTHING_TO_CLOSE;
  }
}
