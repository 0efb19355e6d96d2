import { closeHandle } from "./handle.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

/** Functions of advapi32.dll for access tokens. */
export const TOKEN_FUNCTIONS = systemFunctions("advapi32", {
  OpenProcessToken: {
    parameters: [
      "pointer", /* HANDLE ProcessHandle */
      "u32", /* DWORD DesiredAccess */
      "buffer", /* PHANDLE TokenHandle */
    ],
    result: "i32",
  },
  GetTokenInformation: {
    parameters: [
      "pointer", /* HANDLE TokenHandle */
      "i32", /* TOKEN_INFORMATION_CLASS TokenInformationClass */
      "buffer", /* LPVOID TokenInformation */
      "u32", /* DWORD TokenInformationLength */
      "buffer", /* PDWORD ReturnLength */
    ],
    result: "i32",
  },
});

export const OWN_PROCESS_FUNCTIONS = systemFunctions("kernel32", {
  GetCurrentProcess: { parameters: [], result: "pointer" /* HANDLE, a pseudo handle */ },
});

const TOKEN_QUERY = 0x0008;
/** TOKEN_INFORMATION_CLASS (winnt.h). */
const TokenElevation = 20;
/** TOKEN_ELEVATION (winnt.h). */
export const TOKEN_ELEVATION = { size: 4, TokenIsElevated: 0 } as const;

/**
 * Returns whether this process has an elevated token. With User Account Control, a process that was started as an
 * administrator has one.
 * @throws {Win32Error} if the token cannot be read.
 */
export function isElevated(libraries: SystemLibraries): boolean {
  const operation = "Cannot find out whether this process is elevated";
  const { GetCurrentProcess } = libraries.bind(OWN_PROCESS_FUNCTIONS);
  const { OpenProcessToken, GetTokenInformation } = libraries.bind(TOKEN_FUNCTIONS);
  const handle = new BigUint64Array(1);
  if (OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, handle) === 0) throw libraries.lastError(operation);
  const token = Deno.UnsafePointer.create(handle[0]);
  try {
    const elevation = new DataView(new ArrayBuffer(TOKEN_ELEVATION.size));
    const [view, size] = [elevation.buffer, elevation.byteLength];
    if (GetTokenInformation(token, TokenElevation, view, size, new Uint32Array(1)) === 0) {
      throw libraries.lastError(operation);
    }
    return elevation.getUint32(TOKEN_ELEVATION.TokenIsElevated, true) !== 0;
  } finally {
    closeHandle(libraries, token);
  }
}
