import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { weaknessesOf } from "../../../src/windows/program_protection.ts";
import { programDataFolder } from "../../../src/windows/program_folder.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { toWideString } from "../../../src/windows/wide_string.ts";
import { Win32Error } from "../../../src/windows/win32_error.ts";
import { isWindowsWorld } from "../libraries.ts";
import { makeFolder } from "../trust/attacks.ts";

const CLOSED = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;WD)";

/** Calls `body` with a program in a folder that only administrators can change. */
function withProgram(body: (libraries: SystemLibraries, folder: string, program: string) => void): void {
  using libraries = new SystemLibraries();
  const folder = join(programDataFolder(libraries), `wintun test ${crypto.randomUUID()}`);
  try {
    makeFolder(folder, CLOSED);
    const program = join(folder, "program.exe");
    Deno.writeTextFileSync(program, "");
    body(libraries, folder, program);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a program of Windows has no weaknesses, with the prefix of long paths too", () => {
  using libraries = new SystemLibraries();
  assertEquals(weaknessesOf(libraries, `${libraries.folder}\\kernel32.dll`), []);
  assertEquals(weaknessesOf(libraries, `\\\\?\\${libraries.folder}\\kernel32.dll`), []);
});

Deno.test("a program in a folder that only administrators can change has no weaknesses", () => {
  withProgram((libraries, _folder, program) => assertEquals(weaknessesOf(libraries, program), []));
});

Deno.test("a program on another machine has that weakness, and nobody asks that machine", () => {
  using libraries = new SystemLibraries();
  assertEquals(weaknessesOf(libraries, "\\\\server.invalid\\share\\folder\\program.exe"), [
    { kind: "network", path: "\\\\server.invalid\\share" },
  ]);
  assertEquals(weaknessesOf(libraries, "\\\\?\\UNC\\server.invalid\\share\\program.exe"), [
    { kind: "network", path: "\\\\server.invalid\\share" },
  ]);
});

Deno.test("a program on a drive that nobody has set, or by a path of no drive, has that weakness", () => {
  using libraries = new SystemLibraries();
  assertEquals(weaknessesOf(libraries, "Q:\\program.exe"), [{ kind: "no disk", path: "Q:" }]);
  const volume = "\\\\?\\Volume{00000000-0000-0000-0000-000000000000}\\program.exe";
  assertEquals(weaknessesOf(libraries, volume).map(({ kind }) => kind), ["no disk"]);
});

Deno.test("a program on a drive letter that was set for a folder has that weakness", () => {
  const kernel32 = Deno.dlopen("kernel32.dll", {
    DefineDosDeviceW: { parameters: ["u32", "buffer", "buffer"], result: "i32" },
  });
  const define = (flags: number, folder: string | null): number =>
    kernel32.symbols.DefineDosDeviceW(
      flags,
      toWideString("Q:"),
      folder === null ? null : toWideString(folder),
    );
  const [SET, DDD_REMOVE_DEFINITION] = [0, 2];
  withProgram((libraries, folder) => {
    assertEquals(define(SET, folder), 1);
    try {
      assertEquals(weaknessesOf(libraries, "Q:\\program.exe"), [
        { kind: "substituted", path: "Q:", target: folder },
      ]);
    } finally {
      define(DDD_REMOVE_DEFINITION, null);
    }
  });
  kernel32.close();
});

Deno.test({
  name: "a link in the path of a program is a weakness, wherever it leads",
  ignore: isWindowsWorld, // Wine makes no links.
  fn: () => {
    withProgram((libraries, folder) => {
      const link = join(folder, "link");
      Deno.symlinkSync(libraries.folder, link, { type: "junction" });
      assertEquals(
        weaknessesOf(libraries, join(link, "kernel32.dll")).filter(({ kind }) => kind === "link"),
        [
          { kind: "link", path: link },
        ],
      );
    });
  },
});

Deno.test("weaknessesOf() fails for a program that does not exist", () => {
  using libraries = new SystemLibraries();
  assertThrows(() => weaknessesOf(libraries, `${libraries.folder}\\no such program.exe`), Win32Error);
});
