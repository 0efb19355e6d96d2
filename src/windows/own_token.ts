import { closeHandle } from "./handle.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

export const OPEN_TOKEN_FUNCTIONS = systemFunctions("advapi32", {
  OpenProcessToken: {
    parameters: [
      "pointer", /* HANDLE ProcessHandle */
      "u32", /* DWORD DesiredAccess */
      "buffer", /* PHANDLE TokenHandle */
    ],
    result: "i32",
  },
});

export const OWN_PROCESS_FUNCTIONS = systemFunctions("kernel32", {
  GetCurrentProcess: { parameters: [], result: "pointer" /* HANDLE, a pseudo handle */ },
});

/** Rights of an access token (winnt.h). */
export const TOKEN_QUERY = 0x0008;
export const TOKEN_ADJUST_PRIVILEGES = 0x0020;

/**
 * Calls `use` with the access token of this process. The token is open only during the call.
 * @param access the rights that `use` needs: TOKEN_* flags.
 * @throws {Win32Error} with `operation` if the token cannot be opened.
 */
export function withOwnToken<T>(
  libraries: SystemLibraries,
  access: number,
  operation: string,
  use: (token: Deno.PointerValue) => T,
): T {
  const { GetCurrentProcess } = libraries.bind(OWN_PROCESS_FUNCTIONS);
  const { OpenProcessToken } = libraries.bind(OPEN_TOKEN_FUNCTIONS);
  const handle = new BigUint64Array(1);
  if (OpenProcessToken(GetCurrentProcess(), access, handle) === 0) throw libraries.lastError(operation);
  const token = Deno.UnsafePointer.create(handle[0]);
  try {
    return use(token);
  } finally {
    closeHandle(libraries, token);
  }
}
