import { FileHandle } from "./file.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

export const LOCK_FUNCTIONS = systemFunctions("kernel32", {
  LockFile: {
    parameters: [
      "pointer", /* HANDLE hFile */
      "u32", /* DWORD dwFileOffsetLow */
      "u32", /* DWORD dwFileOffsetHigh */
      "u32", /* DWORD nNumberOfBytesToLockLow */
      "u32", /* DWORD nNumberOfBytesToLockHigh */
    ],
    result: "i32",
  },
});

const ERROR_LOCK_VIOLATION = 33;

/**
 * The upper half of the offset of the locked byte. No file is that long, so the lock keeps nobody from reading or
 * writing the file.
 */
const LOCKED_OFFSET_HIGH = 0x4000_0000;

/**
 * Locks a file against other callers of this function, until the returned lock is closed ("LockFile function", Windows
 * documentation). Other access to the file stays possible. Returns `undefined` if somebody else holds the lock. On a
 * file system that does not support locks, every call succeeds.
 * @throws {Win32Error} if the file cannot be opened for writing.
 */
export function lockFile(libraries: SystemLibraries, path: string): { close(): void } | undefined {
  const file = FileHandle.share(libraries, path);
  const { LockFile } = libraries.bind(LOCK_FUNCTIONS);
  if (LockFile(file.handle, 0, LOCKED_OFFSET_HIGH, 1, 0) !== 0) return file;
  if (libraries.lastError(`Cannot lock ${path}`).code !== ERROR_LOCK_VIOLATION) return file;
  file.close();
  return undefined;
}
