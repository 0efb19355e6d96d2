import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { compileArguments, PERMISSIONS } from "../../.build/compile.ts";
import { sources, workerModules, workerPaths } from "../../.build/modules.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

const ARGUMENTS = compileArguments({
  entry: "src/main.ts",
  target: "x86_64-pc-windows-msvc",
  modules: workerPaths(PROJECT),
  embed: ["vendor/wintun/wintun-amd64.dll"],
  icon: "wintun.ico",
  output: "wintun.exe",
});

Deno.test("the executable has these permissions and no other; each one more needs a reason", () => {
  assertEquals(ARGUMENTS.filter((argument) => /^-A$|^--allow-/.test(argument)), [
    "--allow-ffi",
    "--allow-read",
    "--allow-write",
    "--allow-run",
  ]);
  assertEquals(PERMISSIONS.filter(({ reason }) => reason.length < 20), []);
});

Deno.test("the executable asks for nothing, has no network, and reads no code from the temporary folder", () => {
  for (const argument of ["--no-prompt", "--deny-net", "--deny-sys", "--deny-import", "--no-code-cache"]) {
    assertEquals(ARGUMENTS.includes(argument), true, argument);
  }
});

Deno.test("every worker is in the executable, and there", () => {
  const paths = workerPaths(PROJECT);
  assertEquals(paths, ["src/echo/worker.ts", "src/wintun/logger_worker.ts"]);
  for (const path of paths) {
    assert(Deno.statSync(join(PROJECT, path)).isFile, path);
    assert(ARGUMENTS.includes(`--include=${path}`), path);
  }
});

Deno.test("no worker escapes workerModules(), and no module of the program is imported late", () => {
  for (const path of sources(PROJECT, "src")) {
    const text = Deno.readTextFileSync(join(PROJECT, path));
    const found = workerModules(PROJECT).filter(({ user }) => user === path).length;
    assertEquals(found, text.split("new Worker(").length - 1, path);
    assertEquals(/\bimport\(/.test(text), false, path);
  }
});
