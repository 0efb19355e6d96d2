const SYMBOLS = {
  GetStdHandle: { parameters: ["i32" /* DWORD nStdHandle */], result: "usize" /* HANDLE */ },
  SetHandleInformation: {
    parameters: ["usize", /* HANDLE hObject */ "u32", /* DWORD dwMask */ "u32" /* DWORD dwFlags */],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** STD_INPUT_HANDLE, STD_OUTPUT_HANDLE and STD_ERROR_HANDLE (winbase.h) */
const STANDARD_HANDLES = [-10, -11, -12] as const;
const HANDLE_FLAG_INHERIT = 1;

/**
 * Keeps this process's standard streams from the processes that it starts, unless they are given to them by name. A
 * program started for longer would otherwise hold the caller's pipe open, who waits for its end.
 * @param path Absolute path of kernel32.dll.
 */
export function keepStandardHandles(path: string): void {
  setInherited(path, 0);
}

/**
 * Lets a process that this one starts inherit its standard streams, and returns them: input, output, errors.
 * @param path Absolute path of kernel32.dll.
 */
export function passOnStandardHandles(path: string): bigint[] {
  return setInherited(path, HANDLE_FLAG_INHERIT);
}

function setInherited(path: string, flags: number): bigint[] {
  const library = Deno.dlopen(path, SYMBOLS);
  const handles = STANDARD_HANDLES.map((which) => library.symbols.GetStdHandle(which));
  // A stream that is not there, or is closed, cannot be passed on either way.
  for (const handle of handles) {
    library.symbols.SetHandleInformation(handle, HANDLE_FLAG_INHERIT, flags);
  }
  library.close();
  return handles;
}
