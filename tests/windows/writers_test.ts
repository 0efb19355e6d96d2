import { assertEquals } from "@std/assert";
import { parseSddl } from "../../src/windows/sddl.ts";
import { CHANGE, componentsOf, strangers, withoutPrefix } from "../../src/windows/writers.ts";

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

const PROGRAM_FOLDER =
  `O:BAG:SYD:AI(A;ID;FA;;;${INSTALLER})(A;CIIOID;GA;;;${INSTALLER})(A;ID;FA;;;SY)(A;OICIIOID;GA;;;SY)(A;ID;FA;;;BA)` +
  "(A;OICIIOID;GA;;;BA)(A;ID;0x1200a9;;;BU)(A;OICIIOID;GXGR;;;BU)(A;OICIIOID;GA;;;CO)(A;ID;0x1200a9;;;AC)";
const COPIED_THERE = "O:BAG:SYD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)(A;ID;0x1200a9;;;AC)";
/** A file that is moved keeps its access list. */
const MOVED_THERE = `O:${USER}G:${USER}D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;${USER})`;
const OUR_PROGRAM_DATA = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)";

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

Deno.test("strangers() finds nobody for a program that was copied to Program Files, and its user if it was moved", () => {
  assertEquals(found(PROGRAM_FOLDER, CHANGE.folder), []);
  assertEquals(found(COPIED_THERE, CHANGE.program), []);
  assertEquals(found(MOVED_THERE, CHANGE.program), [USER]);
  assertEquals(found(OUR_PROGRAM_DATA, CHANGE.folder), []);
});

Deno.test("strangers() takes a folder where users may make folders as one that changes a program in it", () => {
  assertEquals(found(DRIVE, CHANGE.folder), ["AU"]);
});

Deno.test("strangers() finds who may turn a program into a link", () => {
  assertEquals(found("O:BAD:P(A;;FA;;;BA)(A;;0x100;;;BU)", CHANGE.program), ["BU"]);
  assertEquals(found("O:BAD:P(A;;FA;;;BA)(A;;0x1200a9;;;BU)", CHANGE.program), []);
});

Deno.test("componentsOf() names a program, its folder and every folder above, each with what changes it", () => {
  const { program, folder, above } = CHANGE;
  assertEquals(componentsOf("C:\\a\\b\\p.exe"), [
    { path: "C:\\a\\b\\p.exe", change: program },
    { path: "C:\\a\\b", change: folder },
    { path: "C:\\a", change: above },
    { path: "C:\\", change: above },
  ]);
  assertEquals(componentsOf("C:\\p.exe"), [
    { path: "C:\\p.exe", change: program },
    { path: "C:\\", change: folder },
  ]);
  assertEquals(componentsOf("\\\\server\\share\\p.exe").map(({ path }) => path), [
    "\\\\server\\share\\p.exe",
    "\\\\server\\share\\",
  ]);
});

Deno.test("withoutPrefix() leaves the form of a path that users know", () => {
  assertEquals(withoutPrefix("\\\\?\\C:\\p.exe"), "C:\\p.exe");
  assertEquals(withoutPrefix("\\\\?\\UNC\\server\\share\\p.exe"), "\\\\server\\share\\p.exe");
  assertEquals(withoutPrefix("C:\\p.exe"), "C:\\p.exe");
  assertEquals(withoutPrefix("\\\\server\\share\\p.exe"), "\\\\server\\share\\p.exe");
});
