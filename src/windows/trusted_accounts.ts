import { FileHandle } from "./file.ts";
import { parseSddl } from "./sddl.ts";
import { fileSecurity } from "./security.ts";
import type { SystemLibraries } from "./system_libraries.ts";

/** Local System, the administrators' group, and TrustedInstaller, the service that owns the files of Windows. */
const TRUSTED = [
  "SY",
  "BA",
  "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];

/**
 * Returns the accounts, in SDDL, that may change the files of administrators: those that can replace every file of
 * Windows anyway. The owner of the system folder is one of them.
 * @throws {Win32Error} if that owner cannot be read.
 */
export function trustedAccounts(libraries: SystemLibraries): ReadonlySet<string> {
  using folder = FileHandle.look(libraries, libraries.folder);
  return new Set([...TRUSTED, parseSddl(fileSecurity(libraries, folder)).owner]);
}
