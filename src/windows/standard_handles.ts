import type { SystemLibraries } from "./system_libraries.ts";

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
 */
export function keepStandardHandles(libraries: SystemLibraries): void {
  setInherited(libraries, 0);
}

/** Lets a process that this one starts inherit its standard streams, and returns them: input, output, errors. */
export function passOnStandardHandles(libraries: SystemLibraries): bigint[] {
  return setInherited(libraries, HANDLE_FLAG_INHERIT);
}

function setInherited(libraries: SystemLibraries, flags: number): bigint[] {
  const { GetStdHandle, SetHandleInformation } = libraries.bind("kernel32", SYMBOLS);
  const handles = STANDARD_HANDLES.map((which) => GetStdHandle(which));
  // A stream that is not there, or is closed, cannot be passed on either way.
  for (const handle of handles) SetHandleInformation(handle, HANDLE_FLAG_INHERIT, flags);
  return handles;
}
