import { fromWideString, toWideString } from "./wide_string.ts";

/** The registry's functions in advapi32.dll; they return their error code. */
const REGISTRY_SYMBOLS = {
  RegQueryValueExW: {
    parameters: [
      "isize", /* HKEY hKey */
      "buffer", /* LPCWSTR lpValueName */
      "pointer", /* LPDWORD lpReserved */
      "buffer", /* LPDWORD lpType */
      "buffer", /* LPBYTE lpData */
      "buffer", /* LPDWORD lpcbData */
    ],
    result: "i32",
  },
  RegCloseKey: { parameters: ["isize" /* HKEY hKey */], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

export type RegistryFunctions = Deno.DynamicLibrary<typeof REGISTRY_SYMBOLS>;

/** Opens the functions about the registry in advapi32.dll. */
export function openRegistryFunctions(path: string): RegistryFunctions {
  return Deno.dlopen(path, REGISTRY_SYMBOLS);
}

const REG_SZ = 1;
const REG_DWORD = 4;
/** Longer than any value that this program reads, in bytes. */
const MAX_VALUE_BYTES = 4096;

/** The REG_SZ value `name` of an open key, or `undefined` where there is none of that type. */
export function queryText(registry: RegistryFunctions, key: bigint, name: string): string | undefined {
  const bytes = queryValue(registry, key, name, REG_SZ);
  return bytes === undefined
    ? undefined
    : fromWideString(new Uint16Array(bytes.buffer, 0, bytes.length >> 1));
}

/** The REG_DWORD value `name` of an open key, or `undefined` where there is none of that type. */
export function queryDword(registry: RegistryFunctions, key: bigint, name: string): number | undefined {
  const bytes = queryValue(registry, key, name, REG_DWORD);
  return bytes?.length === 4 ? new DataView(bytes.buffer).getUint32(0, true) : undefined;
}

function queryValue(
  registry: RegistryFunctions,
  key: bigint,
  name: string,
  wantedType: number,
): Uint8Array<ArrayBuffer> | undefined {
  const type = new Uint32Array(1);
  const data = new Uint8Array(MAX_VALUE_BYTES);
  const size = Uint32Array.of(data.length);
  const code = registry.symbols.RegQueryValueExW(key, toWideString(name), null, type, data, size);
  return code === 0 && type[0] === wantedType ? data.subarray(0, size[0]) : undefined;
}
