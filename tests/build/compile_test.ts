import { assert, assertEquals } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { WORKERS } from "../../.build/bundle.ts";
import { compileArguments, PERMISSIONS, V8_FLAGS } from "../../.build/compile.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

const ARGUMENTS = compileArguments({ main: "src/bundle/main.js", others: ["src/bundle/worker.js"] }, {
  target: "x86_64-pc-windows-msvc",
  embed: { "vendor/wintun/wintun-amd64.dll": "/anywhere/wintun-amd64.dll" },
  icon: "wintun.ico",
  output: "wintun.exe",
});

Deno.test("the executable has these permissions and no other; each one more needs a reason", () => {
  assertEquals(ARGUMENTS.filter((argument) => /^-A$|^--allow-/.test(argument)), [
    "--allow-ffi",
    "--allow-read",
    "--allow-write",
    "--allow-env=WINTUN_SIMULATE",
  ]);
  assertEquals(PERMISSIONS.filter(({ reason }) => reason.length < 20), []);
});

Deno.test("the executable asks for nothing, has no network, starts nothing, and reads no code from the temporary folder", () => {
  for (
    const argument of [
      "--no-prompt",
      "--deny-net",
      "--deny-run",
      "--deny-sys",
      "--deny-import",
      "--no-code-cache",
    ]
  ) {
    assertEquals(ARGUMENTS.includes(argument), true, argument);
  }
});

Deno.test("the executable turns off the V8 compiler that makes the loop slow, by an option that this Deno has", async () => {
  assert(ARGUMENTS.includes(`--v8-flags=${V8_FLAGS}`));
  // A program with an option that its V8 does not have would not start.
  const args = ["eval", `--v8-flags=${V8_FLAGS}`, ""];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert(success, new TextDecoder().decode(stderr));
});

Deno.test("the workers and what is embedded are in the executable, under the paths by which the program finds them", () => {
  for (const path of ["src/bundle/worker.js", "vendor/wintun/wintun-amd64.dll"]) {
    assert(ARGUMENTS.includes(`--include=${path}`), path);
  }
});

Deno.test("every worker is bundled, lies beside the module that starts it, and main alone imports a module late", () => {
  const started: string[] = [];
  const late: string[] = [];
  for (const path of sources("src")) {
    const text = Deno.readTextFileSync(join(PROJECT, path));
    if (/\bimport\(/.test(text)) late.push(path);
    const workers = [
      ...text.matchAll(/new Worker\(\s*new URL\(\s*"\.\/(\w+\.ts)",\s*import\.meta\.url\s*\)/g),
    ];
    assertEquals(workers.length, text.split("new Worker(").length - 1, path);
    started.push(...workers.map(([, name]) => `${dirname(path)}/${name}`));
  }
  assertEquals(started.sort(), [...WORKERS].sort());
  assertEquals(late, ["src/main.ts"]);
});

/** The paths of the modules in a folder and below it, relative to the project. */
function sources(folder: string): string[] {
  return [...Deno.readDirSync(join(PROJECT, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return sources(path);
    return name.endsWith(".ts") ? [path] : [];
  });
}
