import type { SystemLibraries } from "./system_libraries.ts";

const SYMBOLS = {
  SetDefaultDllDirectories: { parameters: ["u32" /* DWORD DirectoryFlags */], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/**
 * From now on, what a DLL needs is looked for in the system's folder only ("SetDefaultDllDirectories function", Windows
 * documentation): not beside this program, in the current folder or in PATH, where others may have put a file of that
 * name. DLLs opened by absolute path are opened as before.
 */
export function searchSystemFolderOnly(libraries: SystemLibraries): void {
  libraries.bind("kernel32", SYMBOLS).SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
}
