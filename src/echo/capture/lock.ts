import { lockFile } from "../../windows/file_lock.ts";
import type { SystemLibraries } from "../../windows/system_libraries.ts";

/** Is returned where the lock ends with its file, or where there are no locks. */
const NOTHING_TO_CLOSE = { close: (): void => {} };

/**
 * Locks a regular file that is open for writing against other captures, but not against readers. The caller owns the
 * returned lock and closes it after the file. Returns `undefined` if another capture is being written into the file.
 * Never throws: where the file cannot be locked, the capture goes on without a lock.
 *
 * @param libraries The DLLs of Windows; `undefined` on another operating system.
 */
export function lockCapture(
  libraries: SystemLibraries | undefined,
  file: Deno.FsFile,
  path: string,
): { close(): void } | undefined {
  try {
    // Deno's lock would exclude readers on Windows, which enforces it over the whole file.
    if (libraries !== undefined) return lockFile(libraries, path);
    // Deno has this function since 2.7, and this module is checked with the types of an older one, too.
    const { tryLockSync } = file as { tryLockSync?(exclusive: boolean): boolean };
    return tryLockSync?.call(file, true) === false ? undefined : NOTHING_TO_CLOSE;
  } catch {
    // Some network file systems have no locks, and Windows cannot open some long paths without a prefix.
    return NOTHING_TO_CLOSE;
  }
}
