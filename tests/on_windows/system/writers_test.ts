import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { programDataFolder } from "../../../src/windows/program_folder.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { Win32Error } from "../../../src/windows/win32_error.ts";
import { type Writer, writersOf } from "../../../src/windows/writers.ts";
import { isWindowsWorld } from "../libraries.ts";
import { makeFolder } from "../trust/attacks.ts";

const CLOSED = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;WD)";
const OPEN = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;WD)";

/** Calls `body` with who can change a program in `inner`, which is a folder in `outer`. */
function programTest(
  name: string,
  outer: string,
  inner: string,
  body: (found: Writer[], folder: string) => void,
): void {
  // Wine makes no folder that others can write to; tests/on_windows/from_linux/trust_test.ts does.
  const ignore = isWindowsWorld && (outer === OPEN || inner === OPEN);
  Deno.test({ name, ignore }, () => {
    using libraries = new SystemLibraries();
    const folder = join(programDataFolder(libraries), `wintun test ${crypto.randomUUID()}`);
    try {
      makeFolder(folder, outer);
      makeFolder(join(folder, "inner"), inner);
      const program = join(folder, "inner", "program.exe");
      Deno.writeTextFileSync(program, "");
      body(writersOf(libraries, program), folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

Deno.test("nobody but administrators can change what lies in the system folder", () => {
  using libraries = new SystemLibraries();
  assertEquals(writersOf(libraries, `${libraries.folder}\\kernel32.dll`), []);
});

programTest(
  "nobody but administrators can change a program in a folder that is closed",
  CLOSED,
  CLOSED,
  (found) => {
    assertEquals(found, []);
  },
);

programTest("everybody can change a program in a folder that is open", CLOSED, OPEN, (found, folder) => {
  const paths = found.filter(({ account }) => account === "WD").map(({ path }) => path.toLowerCase());
  assert(paths.includes(join(folder, "inner").toLowerCase()), JSON.stringify(found));
});

programTest("everybody can replace a closed folder in one that is open", OPEN, CLOSED, (found, folder) => {
  const paths = found.filter(({ account }) => account === "WD").map(({ path }) => path.toLowerCase());
  assertEquals(paths, [folder.toLowerCase()]);
});

Deno.test("writersOf() fails for a program that does not exist", () => {
  using libraries = new SystemLibraries();
  assertThrows(() => writersOf(libraries, `${libraries.folder}\\no such program.exe`), Win32Error);
});
