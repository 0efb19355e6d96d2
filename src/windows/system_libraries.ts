import { fromWideString } from "./wide_string.ts";
import { Win32Error } from "./win32_error.ts";

/** The DLLs of Windows that this program calls. */
export type SystemDll =
  | "advapi32"
  | "crypt32"
  | "iphlpapi"
  | "kernel32"
  | "ole32"
  | "setupapi"
  | "shell32"
  | "wintrust";

/** Paths of DLLs to open instead of the system's DLLs. */
export type SystemPaths = Readonly<Partial<Record<SystemDll, string>>>;

/** The bound functions of a symbol table. */
export type BoundFunctions<Symbols extends Deno.ForeignLibraryInterface> = Deno.StaticForeignLibraryInterface<
  Symbols
>;

const SYMBOLS = {
  GetLastError: { parameters: [], result: "u32" },
  GetSystemDirectoryW: {
    parameters: ["buffer", /* LPWSTR lpBuffer */ "u32" /* UINT uSize, in characters */],
    result: "u32",
  },
  SetDefaultDllDirectories: { parameters: ["u32" /* DWORD DirectoryFlags */], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const MAX_PATH = 260;
const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/** Reports that this version of Windows does not have a required function. */
export class MissingFunctionError extends Error {
  override readonly name = "MissingFunctionError";
  /**
   * The first version of Windows that has the function, such as `Windows 10 version 1809`. `undefined` if all versions
   * should have it.
   */
  readonly since: string | undefined;

  constructor(dll: SystemDll, name: string, since: string | undefined) {
    super(`${dll}.dll has no function ${name}${since === undefined ? "" : `; ${since} and later have it`}`);
    this.since = since;
  }
}

/**
 * The owner of all functions that are bound from Windows DLLs. A function is bound at its first call. A function that
 * an old Windows does not have therefore fails only for its callers. Belongs to one thread.
 */
export class SystemLibraries implements Disposable {
  readonly #paths: SystemPaths;
  readonly #tables = new Map<Deno.ForeignLibraryInterface, object>();
  /**
   * The bound functions by their definitions. Deno opens the DLL again for each function, which is cheap: Windows only
   * counts how often it is open.
   */
  readonly #functions = new Map<Deno.ForeignFunction, unknown>();
  readonly #opened: { close(): void }[] = [];
  readonly #own: BoundFunctions<typeof SYMBOLS>;
  #folder: string | undefined;
  #isSearchClosed = false;
  #isClosed = false;

  constructor(paths: SystemPaths = {}) {
    this.#paths = paths;
    this.#own = this.bind("kernel32", SYMBOLS);
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
   * Returns the functions of a symbol table. Each is bound at its first use. The same table always gives the same
   * object. Reading a function that the DLL does not have throws `MissingFunctionError`.
   * @param since the first version of Windows that has the functions, such as `Windows 10 version 1809`, if not all
   * versions have them.
   */
  bind<const Symbols extends Record<string, Deno.ForeignFunction>>(
    dll: SystemDll,
    symbols: Symbols,
    since?: string,
  ): BoundFunctions<Symbols> {
    let functions = this.#tables.get(symbols);
    if (functions === undefined) {
      functions = {};
      for (const [key, definition] of Object.entries(symbols)) {
        Object.defineProperty(functions, key, {
          enumerable: true,
          get: () => this.#functions.get(definition) ?? this.#bind(dll, key, definition, since),
        });
      }
      this.#tables.set(symbols, functions);
    }
    return functions as BoundFunctions<Symbols>;
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

  #bind(dll: SystemDll, key: string, definition: Deno.ForeignFunction, since: string | undefined): unknown {
    if (this.#isClosed) throw new Error(`${key} is called after the system's DLLs were closed`);
    // Binding a function changes the last error. GetLastError must therefore be bound before any function that can
    // fail.
    if (definition !== SYMBOLS.GetLastError) void this.#own.GetLastError;
    if (dll !== "kernel32") this.closeDllSearch();
    const library = open(this.path(dll), { [key]: { ...definition, optional: true } });
    this.#opened.push(library);
    const bound = library.symbols[key];
    if (bound === null) throw new MissingFunctionError(dll, definition.name ?? key, since);
    this.#functions.set(definition, bound);
    return bound;
  }
}

function open<Symbols extends Deno.ForeignLibraryInterface>(
  path: string,
  symbols: Symbols,
): Deno.DynamicLibrary<Symbols> {
  try {
    return Deno.dlopen(path, symbols);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    throw new Error(`${path} cannot be opened`, { cause });
  }
}
