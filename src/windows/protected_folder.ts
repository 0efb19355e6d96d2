import { FileHandle, type FileKind } from "./file.ts";
import { accountName, ADMINISTRATORS_FILE, parseSddl } from "./sddl.ts";
import { fileSecurity, withSecurityAttributes } from "./security.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { trustedAccounts } from "./trusted_accounts.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_ALREADY_EXISTS } from "./win32_error.ts";

export const FOLDER_FUNCTIONS = systemFunctions("kernel32", {
  CreateDirectoryW: {
    parameters: ["buffer", /* LPCWSTR lpPathName */ "buffer" /* LPSECURITY_ATTRIBUTES */],
    result: "i32",
  },
});

/**
 * Reports that a folder, or a file in it, exists but is not protected as required. The message is for the user and has
 * no full stop.
 */
export class UnprotectedFolderError extends Error {
  override readonly name = "UnprotectedFolderError";
}

/**
 * Creates the folder `path` for administrators only. Its parent must exist. If the folder exists, it must already be
 * protected: not a link, owned by administrators, closed to all others. Every user may create folders in ProgramData,
 * so an existing folder is not trusted without this check.
 *
 * Returns the folder, which the caller closes. Until it is closed, nobody can rename or delete it.
 *
 * @throws {UnprotectedFolderError} if the folder is not protected.
 * @throws {Win32Error} if it cannot be created or read.
 */
export function openProtectedFolder(libraries: SystemLibraries, path: string): FileHandle {
  const { CreateDirectoryW } = libraries.bind(FOLDER_FUNCTIONS);
  const error = withSecurityAttributes(
    libraries,
    ADMINISTRATORS_FILE,
    (attributes) =>
      CreateDirectoryW(toWideString(path), attributes) !== 0
        ? undefined
        : libraries.lastError(`Cannot make the folder ${path}`),
  );
  if (error !== undefined && error.code !== ERROR_ALREADY_EXISTS) throw error;
  // A new folder is checked too: somebody may have replaced it meanwhile.
  return lookAtProtectedFolder(libraries, path);
}

/**
 * Opens a folder as `openProtectedFolder` does, and does not create it.
 * @throws {UnprotectedFolderError} if the folder is not protected.
 * @throws {Win32Error} if it does not exist (code 2) or cannot be read.
 */
export function lookAtProtectedFolder(libraries: SystemLibraries, path: string): FileHandle {
  using opened = new DisposableStack();
  const folder = opened.use(FileHandle.look(libraries, path));
  requireProtected(libraries, folder, "folder");
  opened.move();
  return folder;
}

/**
 * Checks that an open object is of the kind `wanted`, owned by administrators and closed to all others. Owner and
 * access list are read from the handle. They belong to the object that was opened, even if the path has changed since.
 *
 * @throws {UnprotectedFolderError} if a check fails.
 * @throws {Win32Error} if owner and access list cannot be read.
 */
export function requireProtected(libraries: SystemLibraries, open: FileHandle, wanted: FileKind): void {
  const { path } = open;
  const kind = open.kind();
  if (kind !== wanted) throw new UnprotectedFolderError(`${path} is a ${kind}, not a ${wanted}`);
  const trusted = trustedAccounts(libraries);
  const { owner, grants } = parseSddl(fileSecurity(libraries, open));
  if (!trusted.has(owner)) {
    throw new UnprotectedFolderError(`${path} belongs to ${accountName(owner)}, not to the administrators`);
  }
  const stranger = grants === undefined ? "WD" : grants.find(({ trustee }) => !trusted.has(trustee))?.trustee;
  if (stranger !== undefined) {
    throw new UnprotectedFolderError(
      `${path} is open to ${accountName(stranger)}, not to administrators only`,
    );
  }
}
