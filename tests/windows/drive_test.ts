import { assertEquals } from "@std/assert";
import { driveOf } from "../../src/windows/drive.ts";

const [UNKNOWN, NO_ROOT, REMOVABLE, FIXED, REMOTE, CDROM, RAMDISK] = [0, 1, 2, 3, 4, 5, 6];

Deno.test("driveOf() tells disks of this machine from what is none", () => {
  const kinds = [UNKNOWN, NO_ROOT, REMOVABLE, FIXED, REMOTE, CDROM, RAMDISK].map((type) =>
    driveOf(type, "\\Device\\HarddiskVolume3").kind
  );
  assertEquals(kinds, ["other", "other", "removable", "fixed", "network", "other", "other"]);
});

Deno.test("driveOf() finds the folder for which a drive letter was set, though Windows calls that a fixed disk", () => {
  assertEquals(driveOf(FIXED, "\\??\\C:\\tools"), { kind: "substituted", path: "C:\\tools" });
});

Deno.test("driveOf() takes a letter that was set for a folder of another machine as that machine's", () => {
  assertEquals(driveOf(FIXED, "\\??\\UNC\\server\\share"), { kind: "network" });
});

Deno.test("driveOf() takes a letter that nobody has set as no disk", () => {
  assertEquals(driveOf(NO_ROOT, ""), { kind: "other" });
});
