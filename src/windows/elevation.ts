import { TOKEN_QUERY, withOwnToken } from "./own_token.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

export const TOKEN_FUNCTIONS = systemFunctions("advapi32", {
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
  const { GetTokenInformation } = libraries.bind(TOKEN_FUNCTIONS);
  return withOwnToken(libraries, TOKEN_QUERY, operation, (token) => {
    const elevation = new DataView(new ArrayBuffer(TOKEN_ELEVATION.size));
    const [view, size] = [elevation.buffer, elevation.byteLength];
    if (GetTokenInformation(token, TokenElevation, view, size, new Uint32Array(1)) === 0) {
      throw libraries.lastError(operation);
    }
    return elevation.getUint32(TOKEN_ELEVATION.TokenIsElevated, true) !== 0;
  });
}
