// deno-lint-ignore-file no-console -- a program that prints
/** Prints where the program would look for wintun.dll, and the SHA-256 of the one inside it. To be compiled. */
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { wintunPlaces } from "../../../src/wintun/locate.ts";
import { sha256Hex } from "../../../vendor/fetch.ts";

const { beside, embedded } = wintunPlaces(new SystemLibraries(), undefined);
console.log(JSON.stringify({
  beside,
  name: embedded?.name,
  sha256: embedded === undefined ? undefined : await sha256Hex(embedded.read()),
}));
