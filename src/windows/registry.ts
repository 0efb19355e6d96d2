import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { fromWideString, fromWideStrings, toWideString, toWideStrings } from "./wide_string.ts";
import { ERROR_FILE_NOT_FOUND, ERROR_MORE_DATA, ERROR_NO_MORE_ITEMS, Win32Error } from "./win32_error.ts";

/** Registry functions of advapi32.dll. They return their error code. */
export const REGISTRY_FUNCTIONS = systemFunctions("advapi32", {
  RegOpenKeyExW: {
    parameters: [
      "isize", /* HKEY hKey */
      "buffer", /* LPCWSTR lpSubKey */
      "u32", /* DWORD ulOptions */
      "u32", /* REGSAM samDesired */
      "buffer", /* PHKEY phkResult */
    ],
    result: "i32",
  },
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
  RegEnumKeyExW: {
    parameters: [
      "isize", /* HKEY hKey */
      "u32", /* DWORD dwIndex */
      "buffer", /* LPWSTR lpName */
      "buffer", /* LPDWORD lpcchName, in characters */
      "pointer", /* LPDWORD lpReserved */
      "pointer", /* LPWSTR lpClass */
      "pointer", /* LPDWORD lpcchClass */
      "pointer", /* PFILETIME lpftLastWriteTime */
    ],
    result: "i32",
  },
  RegCloseKey: { parameters: ["isize" /* HKEY hKey */], result: "i32" },
  RegCreateKeyExW: {
    parameters: [
      "isize", /* HKEY hKey */
      "buffer", /* LPCWSTR lpSubKey */
      "u32", /* DWORD Reserved */
      "pointer", /* LPWSTR lpClass */
      "u32", /* DWORD dwOptions */
      "u32", /* REGSAM samDesired */
      "pointer", /* const LPSECURITY_ATTRIBUTES lpSecurityAttributes */
      "buffer", /* PHKEY phkResult */
      "pointer", /* LPDWORD lpdwDisposition */
    ],
    result: "i32",
  },
  RegSetValueExW: {
    parameters: [
      "isize", /* HKEY hKey */
      "buffer", /* LPCWSTR lpValueName */
      "u32", /* DWORD Reserved */
      "u32", /* DWORD dwType */
      "buffer", /* const BYTE *lpData */
      "u32", /* DWORD cbData */
    ],
    result: "i32",
  },
  RegDeleteValueW: {
    parameters: ["isize", /* HKEY hKey */ "buffer" /* LPCWSTR lpValueName */],
    result: "i32",
  },
  RegNotifyChangeKeyValue: {
    parameters: [
      "isize", /* HKEY hKey */
      "i32", /* BOOL bWatchSubtree */
      "u32", /* DWORD dwNotifyFilter */
      "isize", /* HANDLE hEvent */
      "i32", /* BOOL fAsynchronous */
    ],
    result: "i32",
  },
  RegDeleteKeyW: { parameters: ["isize", /* HKEY hKey */ "buffer" /* LPCWSTR lpSubKey */], result: "i32" },
}, { calledOften: ["RegEnumKeyExW"] });

type Functions = BoundFunctions<typeof REGISTRY_FUNCTIONS>;

/** (HKEY)(LONG)0x80000002 */
const HKEY_LOCAL_MACHINE = -0x7FFF_FFFEn;
const KEY_READ = 0x20019;
const KEY_WRITE = 0x20006;
const REG_OPTION_NON_VOLATILE = 0;
const REG_OPTION_VOLATILE = 1;
const ERROR_KEY_DELETED = 1018;
const CREATE_TRIES = 5;
const REG_NOTIFY_CHANGE_NAME = 0x1;
const REG_NOTIFY_CHANGE_LAST_SET = 0x4;
const REG_SZ = 1;
const REG_EXPAND_SZ = 2;
const REG_DWORD = 4;
const REG_MULTI_SZ = 7;
/** The longest value that this program reads, in bytes. */
const MAX_VALUE_BYTES = 4 * 1024 * 1024;
/** Most values fit into this, and are read by one call. */
const USUAL_VALUE_BYTES = 1024;
/** Longest name of a key in UTF-16 units, with the NUL ("Registry element size limits", Windows documentation). */
const MAX_KEY_NAME_UNITS = 256;

/** HKEY_LOCAL_MACHINE. Every user can read it; administrators can write it. */
export class Registry {
  readonly #advapi32: Functions;

  constructor(libraries: SystemLibraries) {
    this.#advapi32 = libraries.bind(REGISTRY_FUNCTIONS);
  }

  /** Takes ownership of an open HKEY. */
  adopt(handle: bigint): RegistryKey {
    return new RegistryKey(this.#advapi32, handle);
  }

  /**
   * Opens a key below HKEY_LOCAL_MACHINE for reading. Returns `undefined` if the key does not exist.
   * @throws {Win32Error} for every other error.
   */
  open(path: string): RegistryKey | undefined {
    const handle = new BigInt64Array(1);
    const code = this.#advapi32.RegOpenKeyExW(HKEY_LOCAL_MACHINE, toWideString(path), 0, KEY_READ, handle);
    if (code === ERROR_FILE_NOT_FOUND || code === ERROR_KEY_DELETED) return undefined;
    if (code !== 0) throw new Win32Error(code, `Cannot open the registry key HKLM\\${path}`);
    return this.adopt(handle[0]);
  }

  /**
   * Opens a key below HKEY_LOCAL_MACHINE for writing. Creates the key and its parents if they do not exist. They stay
   * until somebody deletes them.
   * @throws {Win32Error}
   */
  create(path: string): RegistryKey {
    return this.#create(path, REG_OPTION_NON_VOLATILE);
  }

  /**
   * Opens a key below HKEY_LOCAL_MACHINE for writing. Creates the key and its parents if they do not exist. A restart of
   * Windows deletes created keys (REG_OPTION_VOLATILE); a shutdown with Fast Startup, which hibernates the kernel, does not.
   * @throws {Win32Error}
   */
  createVolatile(path: string): RegistryKey {
    return this.#create(path, REG_OPTION_VOLATILE);
  }

  /**
   * Deletes a key below HKEY_LOCAL_MACHINE. Returns `false` if the key does not exist, has subkeys, or cannot be
   * deleted.
   */
  delete(path: string): boolean {
    return this.#advapi32.RegDeleteKeyW(HKEY_LOCAL_MACHINE, toWideString(path)) === 0;
  }

  #create(path: string, options: number): RegistryKey {
    const handle = new BigInt64Array(1);
    const create = (): number =>
      this.#advapi32.RegCreateKeyExW(
        HKEY_LOCAL_MACHINE,
        toWideString(path),
        0,
        null,
        options,
        KEY_READ | KEY_WRITE,
        null,
        handle,
        null,
      );
    let code = create();
    // Meanwhile another process deleted the parent key, because it was the last process that used it.
    for (let tries = 0; code === ERROR_KEY_DELETED && tries < CREATE_TRIES; tries++) code = create();
    if (code !== 0) throw new Win32Error(code, `Cannot make the registry key HKLM\\${path}`);
    return this.adopt(handle[0]);
  }
}

/**
 * An open key. Reading a value returns `undefined` if the value does not exist, has another type, or is longer than
 * 4 MiB.
 */
export class RegistryKey implements Disposable {
  readonly #advapi32: Functions;
  readonly #handle: bigint;

  /** Called by `Registry`. Takes ownership of `handle`. */
  constructor(advapi32: Functions, handle: bigint) {
    this.#advapi32 = advapi32;
    this.#handle = handle;
  }

  /** Reads a value of type REG_SZ or REG_EXPAND_SZ. The environment variables that the latter names are not replaced. */
  text(name: string): string | undefined {
    const units = this.#queryUnits(name, REG_SZ, REG_EXPAND_SZ);
    return units && fromWideString(units);
  }

  /** Reads a value of type REG_MULTI_SZ. */
  texts(name: string): string[] | undefined {
    const units = this.#queryUnits(name, REG_MULTI_SZ);
    return units && fromWideStrings(units);
  }

  /** Reads a value of type REG_DWORD. */
  dword(name: string): number | undefined {
    const bytes = this.#query(name, REG_DWORD);
    return bytes?.length === 4 ? new DataView(bytes.buffer).getUint32(0, true) : undefined;
  }

  /** Writes a value of type REG_SZ. @throws {Win32Error} */
  setText(name: string, value: string): void {
    this.#set(name, REG_SZ, toWideString(value));
  }

  /** Writes a value of type REG_MULTI_SZ. @throws {TypeError} if a text is empty. @throws {Win32Error} */
  setTexts(name: string, values: readonly string[]): void {
    this.#set(name, REG_MULTI_SZ, toWideStrings(values));
  }

  /** Writes a value of type REG_DWORD. @throws {Win32Error} */
  setDword(name: string, value: number): void {
    this.#set(name, REG_DWORD, Uint32Array.of(value));
  }

  /** Deletes a value. Does nothing if there is none. @throws {Win32Error} */
  deleteValue(name: string): void {
    const code = this.#advapi32.RegDeleteValueW(this.#handle, toWideString(name));
    if (code === 0 || code === ERROR_FILE_NOT_FOUND || code === ERROR_KEY_DELETED) return;
    throw new Win32Error(code, `Cannot delete the registry value ${name}`);
  }

  /**
   * Returns the names of the subkeys. The list is empty if this key has been deleted.
   * @throws {Win32Error}
   */
  subkeys(): string[] {
    const names: string[] = [];
    const units = new Uint16Array(MAX_KEY_NAME_UNITS);
    for (;;) {
      const size = Uint32Array.of(units.length);
      const code = this.#advapi32.RegEnumKeyExW(
        this.#handle,
        names.length,
        units,
        size,
        null,
        null,
        null,
        null,
      );
      if (code === ERROR_NO_MORE_ITEMS || code === ERROR_KEY_DELETED) return names;
      if (code !== 0) throw new Win32Error(code, "Cannot list a registry key");
      names.push(fromWideString(units.subarray(0, size[0])));
    }
  }

  /**
   * Asks Windows to set an event at the next change below this key, or when this key is closed (RegNotifyChangeKeyValue). Windows
   * also sets the event when the calling thread ends. Returns `false` if this key has been deleted.
   * @param event The handle of the event. It stays open until this key is closed.
   * @param what The changes that count. `everything`: of the values of this key and of all keys below it, and of these keys
   * themselves. `subkeys`: only that a key directly below this one is created or deleted.
   * @throws {Win32Error}
   */
  setAtChange(event: bigint, what: "everything" | "subkeys"): boolean {
    const isDeep = what === "everything";
    const filter = REG_NOTIFY_CHANGE_NAME | (isDeep ? REG_NOTIFY_CHANGE_LAST_SET : 0);
    const code = this.#advapi32.RegNotifyChangeKeyValue(this.#handle, isDeep ? 1 : 0, filter, event, 1);
    if (code === ERROR_KEY_DELETED) return false;
    if (code !== 0) throw new Win32Error(code, "Cannot watch a registry key");
    return true;
  }

  [Symbol.dispose](): void {
    this.#advapi32.RegCloseKey(this.#handle);
  }

  #queryUnits(name: string, ...wantedTypes: readonly number[]): Uint16Array | undefined {
    const bytes = this.#query(name, ...wantedTypes);
    return bytes && new Uint16Array(bytes.buffer, 0, bytes.length >> 1);
  }

  #query(name: string, ...wantedTypes: readonly number[]): Uint8Array<ArrayBuffer> | undefined {
    const [type, size] = [new Uint32Array(1), Uint32Array.of(USUAL_VALUE_BYTES)];
    const wideName = toWideString(name);
    for (;;) {
      const data = new Uint8Array(size[0]);
      const code = this.#advapi32.RegQueryValueExW(this.#handle, wideName, null, type, data, size);
      if (code === 0) return wantedTypes.includes(type[0]) ? data.subarray(0, size[0]) : undefined;
      // Another process may make the value longer between two calls.
      if (code !== ERROR_MORE_DATA || size[0] <= data.length || size[0] > MAX_VALUE_BYTES) return undefined;
    }
  }

  #set(name: string, type: number, data: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): void {
    const wideName = toWideString(name);
    const code = this.#advapi32.RegSetValueExW(this.#handle, wideName, 0, type, data, data.byteLength);
    if (code !== 0) throw new Win32Error(code, `Cannot write the registry value ${name}`);
  }
}
