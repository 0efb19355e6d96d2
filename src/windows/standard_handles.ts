import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

export const STANDARD_HANDLE_FUNCTIONS = systemFunctions("kernel32", {
  GetStdHandle: { parameters: ["i32" /* DWORD nStdHandle */], result: "usize" /* HANDLE */ },
  SetHandleInformation: {
    parameters: ["usize", /* HANDLE hObject */ "u32", /* DWORD dwMask */ "u32" /* DWORD dwFlags */],
    result: "i32",
  },
});

/** STD_INPUT_HANDLE, STD_OUTPUT_HANDLE and STD_ERROR_HANDLE (winbase.h). */
const STANDARD_HANDLES = [-10, -11, -12] as const;
const HANDLE_FLAG_INHERIT = 1;

/**
 * Makes the standard streams of this process not inheritable ("SetHandleInformation function", Windows documentation).
 * Otherwise a long-running child process would keep the caller's pipe open, and the caller would wait for its end. A
 * child still inherits a stream that is passed to it explicitly.
 */
export function keepStandardHandles(libraries: SystemLibraries): void {
  setInherited(libraries, 0);
}

/** Makes the standard streams of this process inheritable. Returns their handles: input, output, error. */
export function passOnStandardHandles(libraries: SystemLibraries): bigint[] {
  return setInherited(libraries, HANDLE_FLAG_INHERIT);
}

function setInherited(libraries: SystemLibraries, flags: number): bigint[] {
  const { GetStdHandle, SetHandleInformation } = libraries.bind(STANDARD_HANDLE_FUNCTIONS);
  const handles = STANDARD_HANDLES.map((which) => GetStdHandle(which));
  // SetHandleInformation fails for a stream that does not exist or is closed. Such a stream cannot be inherited anyway.
  for (const handle of handles) SetHandleInformation(handle, HANDLE_FLAG_INHERIT, flags);
  return handles;
}
