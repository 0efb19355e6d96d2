import { FileHandle } from "./file.ts";
import type { SystemLibraries } from "./system_libraries.ts";

const SYMBOLS = {
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
} as const satisfies Deno.ForeignLibraryInterface;

const ERROR_LOCK_VIOLATION = 33;

/** The upper half of the offset of the byte that is locked: no file is so long, so all of it can be read and written. */
const LOCKED_OFFSET_HIGH = 0x4000_0000;

/**
 * Locks a file, until what is returned is closed, against everybody who locks it by this function, and nobody else;
 * `undefined` if somebody has ("LockFile function", Windows documentation). A file system without locks locks nothing.
 * @throws {Win32Error} if the file cannot be opened to write.
 */
export function lockFile(libraries: SystemLibraries, path: string): { close(): void } | undefined {
  const file = FileHandle.share(libraries, path);
  const { LockFile } = libraries.bind("kernel32", SYMBOLS);
  if (LockFile(file.handle, 0, LOCKED_OFFSET_HIGH, 1, 0) !== 0) return file;
  if (libraries.lastError(`Cannot lock ${path}`).code !== ERROR_LOCK_VIOLATION) return file;
  file.close();
  return undefined;
}
