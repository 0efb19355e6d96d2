/** The DLLs of Windows that this program calls. */
export type SystemDll =
  | "advapi32"
  | "crypt32"
  | "iphlpapi"
  | "kernel32"
  | "nci"
  | "ole32"
  | "setupapi"
  | "shell32"
  | "wintrust";

/** The oldest Windows that this program supports. Deno itself needs version 1709. */
export const OLDEST_WINDOWS = "Windows 10 version 1809";

/** What is true for all functions of a table, unless it is as for most. */
export interface SystemFunctionsNotes {
  /** The first Windows that has them, by Microsoft's documentation. Default: `OLDEST_WINDOWS`, or an older one. */
  readonly since?: string;
  /** What does not work on a Windows without them, as a sentence. Default: the program does not work without them. */
  readonly without?: string;
}

/** Functions of one DLL of Windows, as `SystemLibraries.bind` binds them. */
export interface SystemFunctions<Symbols extends Record<string, Deno.ForeignFunction>>
  extends SystemFunctionsNotes {
  readonly dll: SystemDll;
  /** Their definitions, each parameter with its C type. */
  readonly symbols: Symbols;
  readonly since: string;
  /** The functions that this program may call hundreds of times in a run. */
  readonly calledOften: readonly string[];
}

/** Declares functions of a DLL of Windows. Opens nothing. */
export function systemFunctions<const Symbols extends Record<string, Deno.ForeignFunction>>(
  dll: SystemDll,
  symbols: Symbols,
  { since = OLDEST_WINDOWS, calledOften = [], ...notes }: SystemFunctionsNotes & {
    readonly calledOften?: readonly (keyof Symbols & string)[];
  } = {},
): SystemFunctions<Symbols> {
  return { dll, symbols, since, calledOften, ...notes };
}

/** Any such table, without the types of its functions. */
export type AnySystemFunctions = SystemFunctions<Record<string, Deno.ForeignFunction>>;

/** The bound functions of a table. */
export type BoundFunctions<Functions extends AnySystemFunctions> = Deno.StaticForeignLibraryInterface<
  Functions["symbols"]
>;

/** Reports that a DLL of Windows cannot be opened, or that it lacks a function. */
export class SystemDllError extends Error {
  override readonly name: string = "SystemDllError";
}

/** Reports that this version of Windows does not have a required function. */
export class MissingFunctionError extends SystemDllError {
  override readonly name = "MissingFunctionError";
  /** The first version of Windows that is known to have the function, such as `Windows 10 version 1809`. */
  readonly since: string;

  constructor({ dll, since }: AnySystemFunctions, name: string) {
    super(`${dll}.dll has no function ${name}; ${since} and later have it`);
    this.since = since;
  }
}
