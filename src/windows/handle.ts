import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

export const HANDLE_FUNCTIONS = systemFunctions("kernel32", {
  CloseHandle: { parameters: ["pointer" /* HANDLE hObject */], result: "i32" },
  WaitForSingleObject: {
    parameters: ["pointer", /* HANDLE hHandle */ "u32" /* DWORD dwMilliseconds */],
    result: "u32",
  },
});

/** No time limit (winbase.h). */
export const INFINITE = 0xFFFF_FFFF;
export const WAIT_OBJECT_0 = 0;
export const WAIT_ABANDONED = 0x80;
export const WAIT_TIMEOUT = 258;

/** Closes the handle of a kernel object (CloseHandle). */
export function closeHandle(libraries: SystemLibraries, handle: Deno.PointerValue): void {
  libraries.bind(HANDLE_FUNCTIONS).CloseHandle(handle);
}

/**
 * Blocks this thread until the object is signaled or the time is over (WaitForSingleObject).
 * @param timeoutMs 0 polls; `INFINITE` sets no limit.
 * @returns one of `WAIT_*`, or 0xFFFFFFFF (WAIT_FAILED).
 */
export function waitForObject(
  libraries: SystemLibraries,
  handle: Deno.PointerValue,
  timeoutMs: number,
): number {
  return libraries.bind(HANDLE_FUNCTIONS).WaitForSingleObject(handle, timeoutMs);
}
