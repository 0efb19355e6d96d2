import { type Kernel32, lastError } from "./kernel32.ts";

/** The functions about access tokens in advapi32.dll. */
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

const PROCESS_SYMBOLS = {
  GetCurrentProcess: { parameters: [], result: "pointer" /* HANDLE, a pseudo handle */ },
} as const satisfies Deno.ForeignLibraryInterface;

const TOKEN_QUERY = 0x0008;
/** TOKEN_INFORMATION_CLASS */
const TokenElevation = 20;
/** TOKEN_ELEVATION (winnt.h) */
export const TOKEN_ELEVATION = { size: 4, TokenIsElevated: 0 } as const;

/** Whether this process runs with an elevated token, as administrators' programs do after User Account Control. */
export function isElevated(
  kernel32: Kernel32,
  paths: { readonly kernel32: string; readonly advapi32: string },
): boolean {
  const operation = "Cannot find out whether this process is elevated";
  const process = Deno.dlopen(paths.kernel32, PROCESS_SYMBOLS);
  const advapi32 = Deno.dlopen(paths.advapi32, TOKEN_SYMBOLS);
  const token = new BigUint64Array(1);
  try {
    const self = process.symbols.GetCurrentProcess();
    if (advapi32.symbols.OpenProcessToken(self, TOKEN_QUERY, token) === 0) {
      throw lastError(kernel32, operation);
    }
    const elevation = new DataView(new ArrayBuffer(TOKEN_ELEVATION.size));
    const done = advapi32.symbols.GetTokenInformation(
      Deno.UnsafePointer.create(token[0]),
      TokenElevation,
      elevation.buffer,
      elevation.byteLength,
      new Uint32Array(1),
    );
    if (done === 0) throw lastError(kernel32, operation);
    return elevation.getUint32(TOKEN_ELEVATION.TokenIsElevated, true) !== 0;
  } finally {
    if (token[0] !== 0n) kernel32.symbols.CloseHandle(Deno.UnsafePointer.create(token[0]));
    advapi32.close();
    process.close();
  }
}
