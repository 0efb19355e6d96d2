import { parseGuid } from "../wire/guid.ts";
import { readWideString } from "./wide_string.ts";

/** FOLDERID_ProgramData (knownfolders.h) */
const PROGRAM_DATA = parseGuid("62ab5d82-fdc1-4dc3-a9dd-070d1d495d97")!;

/**
 * The folder for data of programs that all users share, `C:\ProgramData`. Asked of the system: a variable of the
 * environment is whatever the program's parent says.
 * @param paths Absolute paths of the DLLs.
 */
export function programDataFolder(paths: { readonly shell32: string; readonly ole32: string }): string {
  const shell32 = Deno.dlopen(
    paths.shell32,
    {
      SHGetKnownFolderPath: {
        parameters: [
          "buffer", /* REFKNOWNFOLDERID rfid */
          "u32", /* DWORD dwFlags */
          "pointer", /* HANDLE hToken */
          "buffer", /* PWSTR *ppszPath */
        ],
        result: "i32",
      },
    } as const,
  );
  const ole32 = Deno.dlopen(
    paths.ole32,
    { CoTaskMemFree: { parameters: ["pointer" /* LPVOID pv */], result: "void" } } as const,
  );
  const text = new BigUint64Array(1);
  try {
    const result = shell32.symbols.SHGetKnownFolderPath(PROGRAM_DATA, 0, null, text);
    if (result !== 0) {
      throw new Error(
        `Windows does not tell its ProgramData folder (HRESULT 0x${(result >>> 0).toString(16)})`,
      );
    }
    return readWideString(Deno.UnsafePointer.create(text[0]));
  } finally {
    ole32.symbols.CoTaskMemFree(Deno.UnsafePointer.create(text[0]));
    ole32.close();
    shell32.close();
  }
}
