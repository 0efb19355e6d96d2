import { addressSymbol, functionAt } from "../windows/call_by_address.ts";
import { systemFunctions } from "../windows/system_functions.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import { toWideString } from "../windows/wide_string.ts";
import { ERROR_FILE_NOT_FOUND } from "../windows/win32_error.ts";
import { WINTUN_SYMBOLS } from "./symbols.ts";

export const MODULE_FUNCTIONS = systemFunctions("kernel32", {
  GetModuleHandleExW: {
    parameters: [
      "u32", /* DWORD dwFlags */
      "buffer", /* LPCWSTR lpModuleName */
      "buffer", /* HMODULE *phModule */
    ],
    result: "i32",
  },
});

/** GetModuleHandleExW: the module stays loaded until the process ends. */
const GET_MODULE_HANDLE_EX_FLAG_PIN = 1;

/** wintun.dll and the system DLLs. Adapters and sessions are created with it. */
export interface Wintun {
  /** Absolute path of wintun.dll. */
  readonly path: string;
  readonly libraries: SystemLibraries;
  readonly symbols: Deno.StaticForeignLibraryInterface<typeof WINTUN_SYMBOLS>;
}

/**
 * Loads wintun.dll from an absolute path and never unloads it: after the last adapter is closed, the DLL still cleans
 * up on a thread, which would crash in unmapped code. All 14 functions are resolved, or none.
 * @throws {Error} if the DLL cannot be loaded or a function is missing.
 * @throws {Win32Error} if the DLL cannot be pinned.
 */
export function openWintun(path: string, libraries: SystemLibraries): Wintun {
  const { GetModuleHandleExW } = libraries.bind(MODULE_FUNCTIONS);
  libraries.closeDllSearch();
  const names = Object.keys(WINTUN_SYMBOLS) as (keyof typeof WINTUN_SYMBOLS)[];
  const library = Deno.dlopen(path, Object.fromEntries(names.map((name) => [name, addressSymbol(name)])));
  const module = new BigUint64Array(1);
  if (GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN, toWideString(path), module) === 0) {
    const error = libraries.lastError(`Cannot keep ${path} loaded`);
    library.close();
    throw error;
  }
  const functions = names.map((name) => [
    name,
    functionAt(library.symbols[name] as Deno.PointerObject<Deno.ForeignFunction>, WINTUN_SYMBOLS[name]),
  ]);
  return { path, libraries, symbols: Object.fromEntries(functions) };
}

/** The version of the running driver. */
export interface DriverVersion {
  readonly major: number;
  readonly minor: number;
}

/** Writes a version as Wintun's releases have it: `0.14`. */
export function formatDriverVersion({ major, minor }: DriverVersion): string {
  return `${major}.${minor}`;
}

/**
 * Returns the version of the running driver, or `undefined` if no driver is loaded (WintunGetRunningDriverVersion).
 * @throws {Win32Error}
 */
export function runningDriverVersion(wintun: Wintun): DriverVersion | undefined {
  const version = wintun.symbols.WintunGetRunningDriverVersion();
  if (version !== 0) return { major: version >>> 16, minor: version & 0xFFFF };
  const error = wintun.libraries.lastError("Cannot read the driver's version");
  if (error.code === ERROR_FILE_NOT_FOUND) return undefined;
  throw error;
}

/**
 * Removes the driver from the machine if no adapter uses it (WintunDeleteDriver).
 * @throws {Win32Error}
 */
export function deleteDriver(wintun: Wintun): void {
  if (wintun.symbols.WintunDeleteDriver() === 0) {
    throw wintun.libraries.lastError("Cannot remove the Wintun driver");
  }
}
