import { type AddressSymbol, addressSymbol, functionAt } from "./call_by_address.ts";
import {
  type AnySystemFunctions,
  type BoundFunctions,
  MissingFunctionError,
  type SystemDll,
  SystemDllError,
  systemFunctions,
} from "./system_functions.ts";
import { fromWideString } from "./wide_string.ts";
import { Win32Error } from "./win32_error.ts";

/** Paths of DLLs to open instead of the system's DLLs. */
export type SystemPaths = Readonly<Partial<Record<SystemDll, string>>>;

export const OWN_FUNCTIONS = systemFunctions("kernel32", {
  GetLastError: { parameters: [], result: "u32" },
  GetSystemDirectoryW: {
    parameters: ["buffer", /* LPWSTR lpBuffer */ "u32" /* UINT uSize, in characters */],
    result: "u32",
  },
  SetDefaultDllDirectories: { parameters: ["u32" /* DWORD DirectoryFlags */], result: "i32" },
}, { calledOften: ["GetLastError"] });

const MAX_PATH = 260;
const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/**
 * The owner of all functions that are bound from Windows DLLs. A function is bound at its first call. A function that
 * an old Windows does not have therefore fails only for its callers. Belongs to one thread.
 *
 * Deno compiles only the functions that are called hundreds of times (`SystemFunctions.calledOften`). The others are called
 * through their addresses.
 */
export class SystemLibraries implements Disposable {
  readonly #paths: SystemPaths;
  readonly #tables = new Map<AnySystemFunctions, object>();
  /**
   * The bound functions by their definitions. Deno opens the DLL again for each function, which is cheap: Windows only
   * counts how often it is open.
   */
  readonly #functions = new Map<Deno.ForeignFunction, unknown>();
  readonly #opened: { close(): void }[] = [];
  readonly #own: BoundFunctions<typeof OWN_FUNCTIONS>;
  #folder: string | undefined;
  #isSearchClosed = false;
  #isClosed = false;

  constructor(paths: SystemPaths = {}) {
    this.#paths = paths;
    this.#own = this.bind(OWN_FUNCTIONS);
  }

  /**
   * The system folder, `C:\Windows\System32`, as Windows reports it. The environment variable SystemRoot is not used,
   * because the parent process controls it ("GetSystemDirectoryW function", Windows documentation).
   * @throws {Error} if Windows does not report the folder.
   */
  get folder(): string {
    if (this.#folder !== undefined) return this.#folder;
    const units = new Uint16Array(MAX_PATH);
    const length = this.#own.GetSystemDirectoryW(units, units.length);
    if (length === 0 || length >= units.length) throw new Error("Windows does not report its system folder");
    return this.#folder = fromWideString(units);
  }

  /**
   * Returns the path for opening a DLL. It is absolute, so that no folder is searched. Only kernel32.dll is opened by
   * its name, because it is the DLL that reports the system folder. This is safe: every process has loaded it from the
   * start, and it is a known DLL, for which Windows searches no folder ("Dynamic-link library search order", Windows
   * documentation).
   */
  path(dll: SystemDll): string {
    return this.#paths[dll] ?? (dll === "kernel32" ? "kernel32.dll" : `${this.folder}\\${dll}.dll`);
  }

  /**
   * Returns the functions of a table. Each is bound at its first use. The same table always gives the same object.
   * Reading a function throws `MissingFunctionError` if the DLL does not have it, and `SystemDllError` if the DLL cannot
   * be opened.
   */
  bind<Functions extends AnySystemFunctions>(table: Functions): BoundFunctions<Functions> {
    let functions = this.#tables.get(table);
    if (functions === undefined) {
      functions = {};
      for (const [key, definition] of Object.entries(table.symbols)) {
        Object.defineProperty(functions, key, {
          enumerable: true,
          get: () => this.#functions.get(definition) ?? this.#bind(table, key, definition),
        });
      }
      this.#tables.set(table, functions);
    }
    return functions as BoundFunctions<Functions>;
  }

  /**
   * Returns the names of the functions of a table that this Windows does not have. Opens the DLL only for that long.
   * @throws {SystemDllError} if the DLL cannot be opened.
   */
  missing({ dll, symbols }: AnySystemFunctions): string[] {
    const names = Object.entries(symbols).map(([key, { name = key }]) => name);
    const library = this.#open(dll, Object.fromEntries(names.map((name) => [name, addressSymbol(name)])));
    try {
      return names.filter((name) => library.symbols[name] === null);
    } finally {
      library.close();
    }
  }

  /**
   * Returns the error of the last call of a function (GetLastError). Call it in the statement directly after that call:
   * a timer, a console write or an await in between changes the code. Nothing else calls GetLastError, except the loop
   * that moves packets.
   * @param operation the failed operation, as the start of a sentence.
   */
  lastError(operation: string): Win32Error {
    return new Win32Error(this.#own.GetLastError(), operation);
  }

  /**
   * Restricts the search for the DLLs that a DLL needs to the system folder ("SetDefaultDllDirectories function",
   * Windows documentation). Windows then does not search the program's folder, the current folder or PATH, where others
   * may have put a file of that name. DLLs opened by absolute path are not affected. This object calls it before it
   * opens any DLL except kernel32.dll, which every process has loaded. Idempotent.
   * @throws {Win32Error}
   */
  closeDllSearch(): void {
    if (this.#isSearchClosed) return;
    if (this.#own.SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) === 0) {
      throw this.lastError("Cannot close the search for DLLs");
    }
    this.#isSearchClosed = true;
  }

  /** Closes all DLLs. Their functions must not be called afterwards. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const library of this.#opened.splice(0)) library.close();
    this.#functions.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #bind(table: AnySystemFunctions, key: string, definition: Deno.ForeignFunction): unknown {
    if (this.#isClosed) throw new Error(`${key} is called after the system's DLLs were closed`);
    // Binding a function changes the last error. GetLastError must therefore be bound before any function that can
    // fail.
    if (definition !== OWN_FUNCTIONS.symbols.GetLastError) void this.#own.GetLastError;
    const { name = key, nonblocking } = definition;
    // Deno compiles no code for a function that is called on another thread.
    const isOpened = nonblocking || table.calledOften.includes(key);
    const library = this.#open(table.dll, { [name]: isOpened ? definition : addressSymbol(name) });
    this.#opened.push(library);
    const found = library.symbols[name];
    if (found === null) throw new MissingFunctionError(table, name);
    const bound = isOpened
      ? found
      : functionAt(found as Deno.PointerObject<Deno.ForeignFunction>, definition);
    this.#functions.set(definition, bound);
    return bound;
  }

  /** Opens a DLL with functions and addresses that are `null` if it does not have them. The caller closes it. */
  #open(
    dll: SystemDll,
    symbols: Record<string, Deno.ForeignFunction | AddressSymbol>,
  ): { readonly symbols: Readonly<Record<string, unknown>>; close(): void } {
    if (dll !== "kernel32") this.closeDllSearch();
    const path = this.path(dll);
    const optional = Object.entries(symbols).map(([key, symbol]) => [key, { ...symbol, optional: true }]);
    try {
      return Deno.dlopen(path, Object.fromEntries(optional));
    } catch (cause) {
      if (cause instanceof Deno.errors.NotCapable) throw cause;
      throw new SystemDllError(`${path} cannot be opened`, { cause });
    }
  }
}
