import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { ensureProtectedFolder, UnprotectedFolderError } from "../../../src/windows/protected_folder.ts";
import { programDataFolder } from "../../../src/windows/shell32.ts";
import { System, systemFolder, systemPaths } from "../../../src/windows/system.ts";
import { isWindowsWorld } from "../libraries.ts";

const dll = (name: string): string => join(systemFolder(), `${name}.dll`);

function folderTest(
  name: string,
  body: (path: string, ensure: () => void) => void,
  { ignore = false } = {},
): void {
  Deno.test(name, { ignore }, () => {
    const system = new System(systemPaths());
    const folder = programDataFolder({ shell32: dll("shell32"), ole32: dll("ole32") });
    const path = join(folder, `wintun test ${crypto.randomUUID()}`);
    try {
      body(path, () => ensureProtectedFolder(system, path));
    } finally {
      Deno.removeSync(path, { recursive: true });
      system.close();
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
  Deno.symlinkSync(systemFolder(), path, { type: "junction" });
  assertThrows(ensure, UnprotectedFolderError, "link");
  // Wine makes no junctions.
}, { ignore: isWindowsWorld });
