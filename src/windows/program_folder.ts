import { parseGuid } from "../wire/guid.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { readWideString } from "./wide_string.ts";

export const KNOWN_FOLDER_FUNCTIONS = systemFunctions("shell32", {
  SHGetKnownFolderPath: {
    parameters: [
      "buffer", /* REFKNOWNFOLDERID rfid */
      "u32", /* DWORD dwFlags */
      "pointer", /* HANDLE hToken */
      "buffer", /* PWSTR *ppszPath */
    ],
    result: "i32",
  },
});

export const TASK_MEMORY_FUNCTIONS = systemFunctions("ole32", {
  CoTaskMemFree: { parameters: ["pointer" /* LPVOID pv */], result: "void" },
});

/** FOLDERID_ProgramData (knownfolders.h). */
const PROGRAM_DATA = parseGuid("62ab5d82-fdc1-4dc3-a9dd-070d1d495d97")!;

/** FOLDERID_LocalAppData (knownfolders.h). */
const LOCAL_APP_DATA = parseGuid("f1b32785-6fba-4fcf-9d55-7b8e7f157091")!;

/**
 * Returns the folder of this program's files, `C:\ProgramData\wintun`. The folder may be missing or unprotected.
 * @throws {Error} if Windows does not report its ProgramData folder.
 */
export function programFolder(libraries: SystemLibraries): string {
  return `${programDataFolder(libraries)}\\wintun`;
}

/**
 * Returns the folder for program data that all users share, `C:\ProgramData`. The path comes from the system, because
 * the parent process controls the environment variables ("SHGetKnownFolderPath function", Windows documentation).
 * @throws {Error} if Windows does not report the folder.
 */
export function programDataFolder(libraries: SystemLibraries): string {
  return knownFolder(libraries, PROGRAM_DATA, "ProgramData");
}

/**
 * Returns the folder for data of this user's programs that stay on this machine, `C:\Users\NAME\AppData\Local`.
 * @throws {Error} if Windows does not report the folder.
 */
export function localDataFolder(libraries: SystemLibraries): string {
  return knownFolder(libraries, LOCAL_APP_DATA, "LocalAppData");
}

function knownFolder(libraries: SystemLibraries, id: Uint8Array<ArrayBuffer>, name: string): string {
  const { SHGetKnownFolderPath } = libraries.bind(KNOWN_FOLDER_FUNCTIONS);
  const { CoTaskMemFree } = libraries.bind(TASK_MEMORY_FUNCTIONS);
  const text = new BigUint64Array(1);
  try {
    const result = SHGetKnownFolderPath(id, 0, null, text);
    if (result !== 0) {
      throw new Error(
        `Windows does not report its ${name} folder (HRESULT 0x${(result >>> 0).toString(16)})`,
      );
    }
    return readWideString(Deno.UnsafePointer.create(text[0]));
  } finally {
    CoTaskMemFree(Deno.UnsafePointer.create(text[0]));
  }
}
