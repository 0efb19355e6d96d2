import { FileHandle, type FileKind } from "./file.ts";
import { lastError } from "./kernel32.ts";
import { parseSddl } from "./sddl.ts";
import { type System, systemFolder } from "./system.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_ALREADY_EXISTS } from "./win32_error.ts";

/** Owned by the administrators; they and the system may do everything, below it too, and nobody else anything. */
export const ADMINISTRATORS_ONLY = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";
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
export function ensureProtectedFolder(system: System, path: string): void {
  const { kernel32, paths, security } = system;
  const library = Deno.dlopen(
    paths.kernel32,
    {
      CreateDirectoryW: {
        parameters: ["buffer", /* LPCWSTR lpPathName */ "buffer" /* LPSECURITY_ATTRIBUTES */],
        result: "i32",
      },
    } as const,
  );
  try {
    const error = security.withAttributes(
      ADMINISTRATORS_ONLY,
      (attributes) =>
        library.symbols.CreateDirectoryW(toWideString(path), attributes) !== 0
          ? undefined
          : lastError(kernel32, `Cannot make the folder ${path}`),
    );
    if (error !== undefined && error.code !== ERROR_ALREADY_EXISTS) throw error;
  } finally {
    library.close();
  }
  // A new one is looked at too: somebody may have put another in its place meanwhile.
  using folder = FileHandle.look(kernel32, paths.kernel32, path);
  requireProtected(system, folder, "folder");
}

/**
 * Makes sure that what is open is a file or a folder, owned by administrators and closed to all others. Owner and access
 * are read from the handle, so that they are those of what is looked at, whatever its path leads to by now.
 *
 * @throws {UnprotectedFolderError}
 */
export function requireProtected(system: System, open: FileHandle, wanted: FileKind): void {
  const { path } = open;
  const kind = open.kind();
  if (kind !== wanted) throw new UnprotectedFolderError(`${path} is a ${kind}, not a ${wanted}`);
  const trusted = new Set([...TRUSTED, systemOwner(system)]);
  const { owner, grants } = parseSddl(system.security.of(open));
  if (!trusted.has(owner)) {
    throw new UnprotectedFolderError(`${path} belongs to ${owner}, not to the administrators`);
  }
  const stranger = grants === undefined ? "WD" : grants.find(({ trustee }) => !trusted.has(trustee))?.trustee;
  if (stranger !== undefined) {
    throw new UnprotectedFolderError(`${path} is open to ${stranger}, not to administrators only`);
  }
}

/** Whoever owns the system's own folder counts as an administrator: he can replace everything anyhow. */
function systemOwner({ kernel32, paths, security }: System): string {
  using folder = FileHandle.look(kernel32, paths.kernel32, systemFolder());
  return parseSddl(security.of(folder)).owner;
}
