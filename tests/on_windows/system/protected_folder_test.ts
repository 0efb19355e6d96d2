import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { ensureProtectedFolder, UnprotectedFolderError } from "../../../src/windows/protected_folder.ts";
import { programDataFolder } from "../../../src/windows/program_folder.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { isWindowsWorld } from "../libraries.ts";

function folderTest(
  name: string,
  body: (path: string, ensure: () => void) => void,
  { ignore = false } = {},
): void {
  Deno.test(name, { ignore }, () => {
    using libraries = new SystemLibraries();
    const path = join(programDataFolder(libraries), `wintun test ${crypto.randomUUID()}`);
    try {
      body(path, () => ensureProtectedFolder(libraries, path));
    } finally {
      Deno.removeSync(path, { recursive: true });
    }
  });
}

folderTest("a protected folder is made, and taken for one again", (path, ensure) => {
  ensure();
  assertEquals(Deno.lstatSync(path).isDirectory, true);
  ensure();
});

folderTest("a folder that was there first and lets others in is refused", (path, ensure) => {
  // ProgramData lets everybody read what is made in it, and on real Windows write too.
  Deno.mkdirSync(path);
  assertThrows(ensure, UnprotectedFolderError, path);
});

folderTest("a file in its place is refused", (path, ensure) => {
  Deno.writeTextFileSync(path, "");
  assertThrows(ensure, UnprotectedFolderError, "not a folder");
});

folderTest("a link in its place is refused, wherever it leads", (path, ensure) => {
  using libraries = new SystemLibraries();
  Deno.symlinkSync(libraries.folder, path, { type: "junction" });
  assertThrows(ensure, UnprotectedFolderError, "link");
  // Wine makes no junctions.
}, { ignore: isWindowsWorld });
