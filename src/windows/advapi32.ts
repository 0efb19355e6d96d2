import { type Kernel32, lastError, type ProcessFunctions } from "./kernel32.ts";

const TOKEN_SYMBOLS = {
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
} as const satisfies Deno.ForeignLibraryInterface;

export type TokenFunctions = Deno.DynamicLibrary<typeof TOKEN_SYMBOLS>;

/** Opens the functions about access tokens in advapi32.dll. */
export function openTokenFunctions(path: string): TokenFunctions {
  return Deno.dlopen(path, TOKEN_SYMBOLS);
}

const TOKEN_QUERY = 0x0008;
/** TOKEN_INFORMATION_CLASS */
const TokenElevation = 20;
/** TOKEN_ELEVATION (winnt.h) */
export const TOKEN_ELEVATION = { size: 4, TokenIsElevated: 0 } as const;

/** Whether this process runs with an elevated token, as administrators' programs do after User Account Control. */
export function isElevated(kernel32: Kernel32, process: ProcessFunctions, advapi32: TokenFunctions): boolean {
  const operation = "Cannot find out whether this process is elevated";
  const token = new BigUint64Array(1);
  const self = process.symbols.GetCurrentProcess();
  if (advapi32.symbols.OpenProcessToken(self, TOKEN_QUERY, token) === 0) throw lastError(kernel32, operation);
  const handle = Deno.UnsafePointer.create(token[0]);
  try {
    const elevation = new DataView(new ArrayBuffer(TOKEN_ELEVATION.size));
    const size = new Uint32Array(1);
    const done = advapi32.symbols.GetTokenInformation(
      handle,
      TokenElevation,
      elevation.buffer,
      elevation.byteLength,
      size,
    );
    if (done === 0) throw lastError(kernel32, operation);
    return elevation.getUint32(TOKEN_ELEVATION.TokenIsElevated, true) !== 0;
  } finally {
    kernel32.symbols.CloseHandle(handle);
  }
}
