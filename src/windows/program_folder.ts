import { parseGuid } from "../wire/guid.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { readWideString } from "./wide_string.ts";

const SHELL32_SYMBOLS = {
  SHGetKnownFolderPath: {
    parameters: [
      "buffer", /* REFKNOWNFOLDERID rfid */
      "u32", /* DWORD dwFlags */
      "pointer", /* HANDLE hToken */
      "buffer", /* PWSTR *ppszPath */
    ],
    result: "i32",
  },
} as const satisfies Deno.ForeignLibraryInterface;

const OLE32_SYMBOLS = {
  CoTaskMemFree: { parameters: ["pointer" /* LPVOID pv */], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** FOLDERID_ProgramData (knownfolders.h). */
const PROGRAM_DATA = parseGuid("62ab5d82-fdc1-4dc3-a9dd-070d1d495d97")!;

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
  const { SHGetKnownFolderPath } = libraries.bind("shell32", SHELL32_SYMBOLS);
  const { CoTaskMemFree } = libraries.bind("ole32", OLE32_SYMBOLS);
  const text = new BigUint64Array(1);
  try {
    const result = SHGetKnownFolderPath(PROGRAM_DATA, 0, null, text);
    if (result !== 0) {
      throw new Error(
        `Windows does not report its ProgramData folder (HRESULT 0x${(result >>> 0).toString(16)})`,
      );
    }
    return readWideString(Deno.UnsafePointer.create(text[0]));
  } finally {
    CoTaskMemFree(Deno.UnsafePointer.create(text[0]));
  }
}
