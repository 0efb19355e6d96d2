import { FileHandle, type FileKind } from "./file.ts";
import { ADMINISTRATORS_FILE, parseSddl } from "./sddl.ts";
import { fileSecurity, withSecurityAttributes } from "./security.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_ALREADY_EXISTS } from "./win32_error.ts";

const SYMBOLS = {
  CreateDirectoryW: {
    parameters: ["buffer", /* LPCWSTR lpPathName */ "buffer" /* LPSECURITY_ATTRIBUTES */],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** Local System, the administrators' group, and the service that owns Windows' own files (TrustedInstaller). */
const TRUSTED = [
  "SY",
  "BA",
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];

/** The folder, or a file in it, is there, and not as it must be. The message says so to people, without a full stop. */
export class UnprotectedFolderError extends Error {
  override readonly name = "UnprotectedFolderError";
}

/**
 * Makes the folder `path`, whose parent is there, for administrators only, or makes sure that one which is there is
 * like that: no link, owned by administrators, closed to all others. Anybody may make folders in ProgramData, so one
 * that was there first is not trusted as it is.
 *
 * @throws {UnprotectedFolderError}
 */
export function ensureProtectedFolder(libraries: SystemLibraries, path: string): void {
  const { CreateDirectoryW } = libraries.bind("kernel32", SYMBOLS);
  const error = withSecurityAttributes(
    libraries,
    ADMINISTRATORS_FILE,
    (attributes) =>
      CreateDirectoryW(toWideString(path), attributes) !== 0
        ? undefined
        : libraries.lastError(`Cannot make the folder ${path}`),
  );
  if (error !== undefined && error.code !== ERROR_ALREADY_EXISTS) throw error;
  // A new one is looked at too: somebody may have put another in its place meanwhile.
  using folder = FileHandle.look(libraries, path);
  requireProtected(libraries, folder, "folder");
}

/**
 * Makes sure that what is open is a file or a folder, owned by administrators and closed to all others. Owner and access
 * are read from the handle, so that they are those of what is looked at, whatever its path leads to by now.
 *
 * @throws {UnprotectedFolderError}
 */
export function requireProtected(libraries: SystemLibraries, open: FileHandle, wanted: FileKind): void {
  const { path } = open;
  const kind = open.kind();
  if (kind !== wanted) throw new UnprotectedFolderError(`${path} is a ${kind}, not a ${wanted}`);
  const trusted = new Set([...TRUSTED, systemOwner(libraries)]);
  const { owner, grants } = parseSddl(fileSecurity(libraries, open));
  if (!trusted.has(owner)) {
    throw new UnprotectedFolderError(`${path} belongs to ${owner}, not to the administrators`);
  }
  const stranger = grants === undefined ? "WD" : grants.find(({ trustee }) => !trusted.has(trustee))?.trustee;
  if (stranger !== undefined) {
    throw new UnprotectedFolderError(`${path} is open to ${stranger}, not to administrators only`);
  }
}

/** Whoever owns the system's own folder counts as an administrator: he can replace everything anyhow. */
function systemOwner(libraries: SystemLibraries): string {
  using folder = FileHandle.look(libraries, libraries.folder);
  return parseSddl(fileSecurity(libraries, folder)).owner;
}
