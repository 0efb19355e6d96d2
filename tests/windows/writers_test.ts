import { assertEquals } from "@std/assert";
import { parseSddl } from "../../src/windows/sddl.ts";
import { CHANGE, strangers } from "../../src/windows/writers.ts";

const INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
const TRUSTED = new Set(["SY", "BA", INSTALLER]);
const USER = "S-1-5-21-1-2-3-1001";

/** Access lists as Windows 10 gives them. */
const PROGRAM_FILES =
  `O:${INSTALLER}G:${INSTALLER}D:PAI(A;;FA;;;${INSTALLER})(A;CIIO;GA;;;${INSTALLER})(A;;0x1301bf;;;SY)` +
  "(A;OICIIO;GA;;;SY)(A;;0x1301bf;;;BA)(A;OICIIO;GA;;;BA)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICIIO;GA;;;CO)" +
  "(A;;0x1200a9;;;AC)(A;OICIIO;GXGR;;;AC)";
const DRIVE =
  `O:${INSTALLER}G:${INSTALLER}D:PAI(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;BU)(A;;LC;;;AU)` +
  "(A;OICIIO;SDGXGWGR;;;AU)";
const MADE_BY_AN_ADMINISTRATOR = "O:BAG:BAD:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)" +
  "(A;ID;0x1301bf;;;AU)(A;OICIIOID;SDGXGWGR;;;AU)";
const PROGRAM_DATA =
  "O:SYG:SYD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICIIO;GA;;;CO)(A;OICI;0x1200a9;;;BU)(A;CI;DCLCRPCR;;;BU)";
const DOWNLOADS = `O:${USER}G:BAD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;${USER})`;

function found(sddl: string, rights: number): string[] {
  return strangers(parseSddl(sddl), TRUSTED, rights);
}

Deno.test("strangers() finds nobody in Program Files, and nobody above it", () => {
  assertEquals(found(PROGRAM_FILES, CHANGE.folder), []);
  assertEquals(found(PROGRAM_FILES, CHANGE.program), []);
  assertEquals(found(PROGRAM_FILES, CHANGE.above), []);
  assertEquals(found(DRIVE, CHANGE.above), []);
});

Deno.test("strangers() finds all users in a folder that an administrator makes on the drive", () => {
  assertEquals(found(MADE_BY_AN_ADMINISTRATOR, CHANGE.folder), ["AU"]);
  assertEquals(found(MADE_BY_AN_ADMINISTRATOR, CHANGE.program), ["AU"]);
  assertEquals(found(MADE_BY_AN_ADMINISTRATOR, CHANGE.above), ["AU"]);
});

Deno.test("strangers() takes a folder where users may add files as one for the program, not as one above it", () => {
  assertEquals(found(PROGRAM_DATA, CHANGE.folder), ["BU"]);
  assertEquals(found(PROGRAM_DATA, CHANGE.above), []);
});

Deno.test("strangers() finds the owner, who can let himself in, once", () => {
  assertEquals(found(DOWNLOADS, CHANGE.folder), [USER]);
  assertEquals(found(`O:${USER}D:P(A;;FA;;;BA)`, CHANGE.above), [USER]);
});

Deno.test("strangers() finds everybody where there is no access list", () => {
  assertEquals(found("O:BAG:BA", CHANGE.above), ["WD"]);
});
