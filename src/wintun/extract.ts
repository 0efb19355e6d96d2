import { FileHandle } from "../windows/file.ts";
import {
  openProtectedFolder,
  requireProtected,
  UnprotectedFolderError,
} from "../windows/protected_folder.ts";
import { ADMINISTRATORS_FILE } from "../windows/sddl.ts";
import { withSecurityAttributes } from "../windows/security.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import { ERROR_FILE_NOT_FOUND, Win32Error } from "../windows/win32_error.ts";
import { LibraryRefusedError } from "./trust.ts";

/** A DLL inside the executable, and the folder to which it is written before it is loaded. */
export interface EmbeddedDll {
  readonly name: string;
  /** Created if it does not exist. Its parent must exist. */
  readonly folder: string;
  read(): Uint8Array<ArrayBuffer>;
}

/**
 * Writes the embedded DLL to its folder, which only administrators can write, and returns the path. An existing file
 * with the same bytes stays; any other is replaced. Only administrators and this program can have written it.
 *
 * @throws {LibraryRefusedError} if the folder or the file is a link, belongs to somebody else, is open to others, or
 * cannot be written.
 */
export function extractDll(libraries: SystemLibraries, { name, folder, read }: EmbeddedDll): string {
  const path = `${folder}\\${name}`;
  try {
    using _folder = openProtectedFolder(libraries, folder);
    const bytes = read();
    if (!isThere(libraries, path, bytes)) write(libraries, path, bytes);
    return path;
  } catch (error) {
    if (error instanceof UnprotectedFolderError) {
      throw refused(path, error.message, `Remove ${folder}, or put wintun.dll beside this program.`, error);
    }
    if (!(error instanceof Win32Error)) throw error;
    const hint = "Run from an administrator's prompt, or put wintun.dll beside this program.";
    throw refused(path, error.reason, hint, error);
  }
}

function refused(path: string, reason: string, hint: string, cause: unknown): LibraryRefusedError {
  return new LibraryRefusedError(
    path,
    `the wintun.dll inside this program cannot be written there: ${reason}`,
    hint,
    { cause },
  );
}

/** Returns whether the file exists and has these bytes. */
function isThere(libraries: SystemLibraries, path: string, bytes: Uint8Array): boolean {
  try {
    using file = FileHandle.look(libraries, path);
    requireProtected(libraries, file, "file");
    if (file.size() !== bytes.length) return false;
  } catch (error) {
    if (error instanceof Win32Error && error.code === ERROR_FILE_NOT_FOUND) return false;
    throw error;
  }
  using file = FileHandle.hold(libraries, path);
  return file.read(bytes.length).every((byte, index) => byte === bytes[index]);
}

/** Writes the DLL under a temporary name and renames it, so that no other process sees an incomplete DLL. */
function write(libraries: SystemLibraries, path: string, bytes: Uint8Array<ArrayBuffer>): void {
  const partial = `${path}.${crypto.randomUUID()}`;
  try {
    withSecurityAttributes(libraries, ADMINISTRATORS_FILE, (attributes) => {
      using file = FileHandle.create(libraries, partial, attributes);
      file.write(bytes);
    });
    Deno.renameSync(partial, path);
  } catch (error) {
    removeIfThere(partial);
    // The rename fails if another process of this program has written and loaded its DLL first. A file with the right
    // bytes is then good.
    if (error instanceof Win32Error || !isThere(libraries, path, bytes)) throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
