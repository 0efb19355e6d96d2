import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { compileArguments, PERMISSIONS } from "../../.build/compile.ts";
import { lateModulePaths, lateModules, sources } from "../../.build/modules.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

const ARGUMENTS = compileArguments({
  entry: "src/main.ts",
  target: "x86_64-pc-windows-msvc",
  modules: lateModulePaths(PROJECT),
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

Deno.test("every worker and every late import is in the executable, and there", () => {
  const late = lateModules(PROJECT);
  const ofKind = (wanted: string): string[] =>
    late.filter(({ kind }) => kind === wanted).map(({ path }) => path).sort();
  assertEquals(ofKind("worker"), ["src/echo/worker.ts", "src/wintun/logger_worker.ts"]);
  assert(ofKind("import").includes("src/cli/adapters/list.ts"));
  for (const { path } of late) {
    assert(Deno.statSync(join(PROJECT, path)).isFile, path);
    assert(ARGUMENTS.includes(`--include=${path}`), path);
  }
});

Deno.test("no worker and no late import escapes lateModules(), and each has the type of the module that it names", () => {
  for (const path of sources(PROJECT, "src")) {
    const text = Deno.readTextFileSync(join(PROJECT, path));
    const found = lateModules(PROJECT).filter(({ user }) => user === path).length;
    const workers = text.split("new Worker(").length - 1;
    const imports = [...text.matchAll(/(?<!typeof )\bimport\((?!\s*"|\.)/g)].length;
    assertEquals(found, workers + imports, path);
    const typed =
      /new URL\(\s*"([^"]+)",\s*import\.meta\.url,?\s*\)\.href,?\s*\)\s*as typeof import\(\s*"([^"]+)"/g;
    const types = [...text.matchAll(typed)];
    assertEquals(types.length, imports, `${path}: a late import without a type`);
    for (const [, name, type] of types) assertEquals(type, name, path);
  }
});
