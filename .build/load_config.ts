/**
 * Restricts where Windows looks for the DLLs that an executable imports.
 *
 * Windows loads them before the first statement of the program. It looks for most of them in the folder of the
 * executable first, so a DLL that somebody has put there would run with the rights of the program. An executable can
 * ask for another search in its load configuration ("/DEPENDENTLOADFLAG", "IMAGE_LOAD_CONFIG_DIRECTORY64 structure",
 * Microsoft documentation; Windows 10 version 1607 and later heed it). That governs only the DLLs that the executable
 * itself imports when it starts, not those that it loads later by name.
 */
// @ts-types="./resedit.d.ts"
import type { NtExecutable } from "resedit";
import { ExecutableError } from "./executable_error.ts";

const IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG = 10;
/** IMAGE_LOAD_CONFIG_DIRECTORY64 (winnt.h), up to the end of DependentLoadFlags. */
const LOAD_CONFIG = { Size: 0, DependentLoadFlags: 78, end: 80 } as const;
const LOAD_LIBRARY_SEARCH_SYSTEM32 = 0x800;

/**
 * Makes Windows load the imports of `image` from its System32 folder only. Changes `image`.
 *
 * @throws {ExecutableError} if `image` has no load configuration with a field for it. None is added: the program would
 * then have settings that its compiler did not choose.
 */
export function loadImportsFromSystem32(image: NtExecutable): void {
  if (image.is32bit()) throw new ExecutableError("it is a 32-bit executable");
  const directory = image.newHeader.optionalHeaderDataDirectory.get(IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG);
  const section = directory.size === 0 ? null : image.getSectionByEntry(IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG);
  const start = directory.virtualAddress - (section?.info.virtualAddress ?? 0);
  const bytes = section?.data ?? new ArrayBuffer(0);
  if (section === null || bytes.byteLength < start + LOAD_CONFIG.end) {
    throw new ExecutableError(
      "it has no load configuration, which would say where its imports are looked for",
    );
  }
  const config = new DataView(bytes, start);
  const size = Math.min(directory.size, config.getUint32(LOAD_CONFIG.Size, true));
  if (size < LOAD_CONFIG.end) {
    throw new ExecutableError(
      `its load configuration has ${size} bytes, which do not reach to DependentLoadFlags (${LOAD_CONFIG.end})`,
    );
  }
  config.setUint16(LOAD_CONFIG.DependentLoadFlags, LOAD_LIBRARY_SEARCH_SYSTEM32, true);
}
