const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/**
 * From now on, what a DLL needs is looked for in the system's folder only ("SetDefaultDllDirectories function", Windows
 * documentation): not beside this program, in the current folder or in PATH, where others may have put a file of that
 * name. DLLs opened by absolute path are opened as before.
 * @param kernel32Path Absolute path of kernel32.dll.
 */
export function searchSystemFolderOnly(kernel32Path: string): void {
  const library = Deno.dlopen(
    kernel32Path,
    {
      SetDefaultDllDirectories: { parameters: ["u32" /* DWORD DirectoryFlags */], result: "i32" },
    } as const,
  );
  library.symbols.SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
  library.close();
}
