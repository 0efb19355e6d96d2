import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import type { FileHandle } from "../../../src/windows/file.ts";
import { openProtectedFolder, UnprotectedFolderError } from "../../../src/windows/protected_folder.ts";
import { programDataFolder } from "../../../src/windows/program_folder.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { isWindowsWorld } from "../libraries.ts";

function folderTest(
  name: string,
  body: (path: string, open: () => FileHandle) => void,
  { ignore = false } = {},
): void {
  Deno.test(name, { ignore }, () => {
    using libraries = new SystemLibraries();
    const path = join(programDataFolder(libraries), `wintun test ${crypto.randomUUID()}`);
    try {
      body(path, () => openProtectedFolder(libraries, path));
    } finally {
      Deno.removeSync(path, { recursive: true });
    }
  });
}

folderTest("a protected folder is made, and taken for one again", (path, open) => {
  open().close();
  assertEquals(Deno.lstatSync(path).isDirectory, true);
  open().close();
});

folderTest("a protected folder can be used, but not deleted or renamed while it is open", (path, open) => {
  {
    using _folder = open();
    using _again = open();
    const file = join(path, "file");
    Deno.writeTextFileSync(file, "1");
    Deno.renameSync(file, `${file} 2`);
    Deno.removeSync(`${file} 2`);
    assertThrows(() => Deno.removeSync(path));
    assertThrows(() => Deno.renameSync(path, `${path} 2`));
  }
  Deno.renameSync(path, `${path} 2`);
  Deno.renameSync(`${path} 2`, path);
});

folderTest("a folder that was there first and lets others in is refused", (path, open) => {
  // ProgramData lets everybody read what is made in it, and on real Windows write too.
  Deno.mkdirSync(path);
  assertThrows(open, UnprotectedFolderError, path);
});

folderTest("a file in its place is refused", (path, open) => {
  Deno.writeTextFileSync(path, "");
  assertThrows(open, UnprotectedFolderError, "not a folder");
});

folderTest("a link in its place is refused, wherever it leads", (path, open) => {
  using libraries = new SystemLibraries();
  Deno.symlinkSync(libraries.folder, path, { type: "junction" });
  assertThrows(open, UnprotectedFolderError, "link");
  // Wine makes no junctions.
}, { ignore: isWindowsWorld });
