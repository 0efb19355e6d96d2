/** STD_INPUT_HANDLE, STD_OUTPUT_HANDLE and STD_ERROR_HANDLE (winbase.h) */
const STANDARD_HANDLES = [-10, -11, -12] as const;
const HANDLE_FLAG_INHERIT = 1;

/**
 * Keeps this process's standard streams from the processes that it starts, unless they are given to them by name. A
 * program started for longer would otherwise hold the caller's pipe open, who waits for its end.
 * @param path Absolute path of kernel32.dll.
 */
export function keepStandardHandles(path: string): void {
  const library = Deno.dlopen(
    path,
    {
      GetStdHandle: { parameters: ["i32" /* DWORD nStdHandle */], result: "pointer" },
      SetHandleInformation: {
        parameters: ["pointer", /* HANDLE hObject */ "u32", /* DWORD dwMask */ "u32" /* DWORD dwFlags */],
        result: "i32",
      },
    } as const,
  );
  for (const which of STANDARD_HANDLES) {
    // A stream that is not there, or is closed, cannot be passed on either.
    library.symbols.SetHandleInformation(library.symbols.GetStdHandle(which), HANDLE_FLAG_INHERIT, 0);
  }
  library.close();
}
