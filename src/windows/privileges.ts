import { TOKEN_FUNCTIONS } from "./elevation.ts";
import { TOKEN_ADJUST_PRIVILEGES, TOKEN_QUERY, withOwnToken } from "./own_token.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { toWideString } from "./wide_string.ts";

export const PRIVILEGE_FUNCTIONS = systemFunctions("advapi32", {
  LookupPrivilegeValueW: {
    parameters: [
      "pointer", /* LPCWSTR lpSystemName */
      "buffer", /* LPCWSTR lpName */
      "buffer", /* PLUID lpLuid */
    ],
    result: "i32",
  },
  AdjustTokenPrivileges: {
    parameters: [
      "pointer", /* HANDLE TokenHandle */
      "i32", /* BOOL DisableAllPrivileges */
      "buffer", /* PTOKEN_PRIVILEGES NewState */
      "u32", /* DWORD BufferLength */
      "pointer", /* PTOKEN_PRIVILEGES PreviousState */
      "pointer", /* PDWORD ReturnLength */
    ],
    result: "i32",
  },
});

/** TOKEN_PRIVILEGES (winnt.h). `Privileges` is an array of as many LUID_AND_ATTRIBUTES as there are. */
export const TOKEN_PRIVILEGES = { size: 16, PrivilegeCount: 0, Privileges: 4 } as const;
/** LUID_AND_ATTRIBUTES (winnt.h). */
export const LUID_AND_ATTRIBUTES = { size: 12, Luid: 0, Attributes: 8 } as const;

/** TOKEN_INFORMATION_CLASS (winnt.h). */
const TokenPrivileges = 3;
const SE_PRIVILEGE_REMOVED = 0x4;
/** Windows has fewer than 40 privileges. */
const MAX_PRIVILEGES = 128;

/** The privilege to load and remove drivers, and with them devices (SE_LOAD_DRIVER_NAME, winnt.h). */
export const LOAD_DRIVER = "SeLoadDriverPrivilege";

/**
 * Removes all privileges from this process but those of the given names. The process cannot get them back ("AdjustTokenPrivileges
 * function", Windows documentation). What the process may do as its account stays.
 * @throws {Win32Error}
 */
export function keepPrivileges(libraries: SystemLibraries, ...names: readonly string[]): void {
  const operation = "Cannot give up the privileges of this process";
  const { GetTokenInformation } = libraries.bind(TOKEN_FUNCTIONS);
  const { AdjustTokenPrivileges } = libraries.bind(PRIVILEGE_FUNCTIONS);
  const kept = new Set(names.map((name) => luidOf(libraries, name)));
  withOwnToken(libraries, TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, operation, (token) => {
    const size = TOKEN_PRIVILEGES.Privileges + MAX_PRIVILEGES * LUID_AND_ATTRIBUTES.size;
    const privileges = new DataView(new ArrayBuffer(size));
    const { buffer } = privileges;
    if (GetTokenInformation(token, TokenPrivileges, buffer, size, new Uint32Array(1)) === 0) {
      throw libraries.lastError(operation);
    }
    const count = privileges.getUint32(TOKEN_PRIVILEGES.PrivilegeCount, true);
    for (let index = 0; index < count; index++) {
      const at = TOKEN_PRIVILEGES.Privileges + index * LUID_AND_ATTRIBUTES.size;
      if (kept.has(privileges.getBigUint64(at + LUID_AND_ATTRIBUTES.Luid, true))) continue;
      privileges.setUint32(at + LUID_AND_ATTRIBUTES.Attributes, SE_PRIVILEGE_REMOVED, true);
    }
    if (AdjustTokenPrivileges(token, 0, buffer, size, null, null) === 0) throw libraries.lastError(operation);
  });
}

/** Returns the LUID by which this Windows knows a privilege (LookupPrivilegeValueW). */
function luidOf(libraries: SystemLibraries, name: string): bigint {
  const { LookupPrivilegeValueW } = libraries.bind(PRIVILEGE_FUNCTIONS);
  const luid = new BigUint64Array(1);
  if (LookupPrivilegeValueW(null, toWideString(name), luid) !== 0) return luid[0];
  throw libraries.lastError(`Cannot find the privilege ${name}`);
}
