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

/** Paths of DLLs to open in place of the system's own. */
export type SystemPaths = Readonly<Partial<Record<SystemDll, string>>>;

/** A table of functions, bound. */
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

/** This Windows does not have a function that the program wants to call. */
export class MissingFunctionError extends Error {
  override readonly name = "MissingFunctionError";
  /** The Windows that has it, `Windows 10 version 1809`, and all later ones; `undefined` if every one should. */
  readonly since: string | undefined;

  constructor(dll: SystemDll, name: string, since: string | undefined) {
    super(`${dll}.dll has no function ${name}${since === undefined ? "" : `; ${since} and later have it`}`);
    this.since = since;
  }
}

/**
 * The owner of all that is bound of Windows' own DLLs. Nothing is opened before it is needed: a function is bound when it
 * is called for the first time, so one that an old Windows lacks fails only its callers. Belongs to one thread.
 */
export class SystemLibraries implements Disposable {
  readonly #paths: SystemPaths;
  readonly #tables = new Map<Deno.ForeignLibraryInterface, object>();
  /** By their definitions. Deno opens a DLL again for each, which is cheap: Windows counts how often it is open. */
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
   * The system's folder, `C:\Windows\System32`, as Windows itself reports it: the environment's SystemRoot is whatever
   * the program's parent put there ("GetSystemDirectoryW function", Windows documentation).
   */
  get folder(): string {
    if (this.#folder !== undefined) return this.#folder;
    const units = new Uint16Array(MAX_PATH);
    const length = this.#own.GetSystemDirectoryW(units, units.length);
    if (length === 0 || length >= units.length) throw new Error("Windows does not report its system folder");
    return this.#folder = fromWideString(units);
  }

  /**
   * What a DLL is opened by: an absolute path, so that no folder is searched. kernel32.dll alone is opened by its name,
   * because only it can report where the others are. That is safe for this one: every process has it from its start, and
   * it is a known DLL, for which Windows searches no folder ("Dynamic-link library search order", Windows documentation).
   */
  path(dll: SystemDll): string {
    return this.#paths[dll] ?? (dll === "kernel32" ? "kernel32.dll" : `${this.folder}\\${dll}.dll`);
  }

  /**
   * The functions of a table, each bound when it is called for the first time. Returns the same object for the same table.
   * To read one that the DLL lacks throws `MissingFunctionError`.
   * @param since The first Windows that has the functions, `Windows 10 version 1809`, if not all have them.
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
   * The error that the last call of a function ended with. Must be the statement after that call: a timer, a console write
   * or an await in between changes the code. But for the loop that moves packets, nothing else calls GetLastError.
   * @param operation What was attempted, as the start of a sentence.
   */
  lastError(operation: string): Win32Error {
    return new Win32Error(this.#own.GetLastError(), operation);
  }

  /**
   * From now on, what a DLL needs is looked for in the system's folder only ("SetDefaultDllDirectories function", Windows
   * documentation): not beside this program, in the current folder or in PATH, where others may have put a file of that
   * name. DLLs opened by absolute path are opened as before. This owner does so before it opens any DLL but kernel32.dll,
   * which every process has. Idempotent.
   * @throws {Win32Error}
   */
  closeDllSearch(): void {
    if (this.#isSearchClosed) return;
    if (this.#own.SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) === 0) {
      throw this.lastError("Cannot close the search for DLLs");
    }
    this.#isSearchClosed = true;
  }

  /** Closes all DLLs; their functions must not be called any more. Idempotent. */
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
    // To bind a function changes the last error, so GetLastError is there before anything that can fail.
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
