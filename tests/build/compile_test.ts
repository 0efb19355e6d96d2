import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { compileArguments, PERMISSIONS, WORKERS } from "../../.build/compile.ts";

const ARGUMENTS = compileArguments({
  entry: "src/main.ts",
  target: "x86_64-pc-windows-msvc",
  embed: ["vendor/wintun/wintun-amd64.dll"],
  icon: "wintun.ico",
  output: "wintun.exe",
});

/** The text of every module of the program, by its path within the project. */
function modules(): Map<string, string> {
  const project = fromFileUrl(new URL("../../", import.meta.url));
  const found = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(join(project, folder))) {
      const path = `${folder}/${name}`;
      if (isDirectory) walk(path);
      else if (name.endsWith(".ts")) found.set(path, Deno.readTextFileSync(join(project, path)));
    }
  };
  walk("src");
  return found;
}

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

Deno.test("every worker that the program starts is in the executable", () => {
  const started: string[] = [];
  for (const [path, text] of modules()) {
    for (const [, specifier] of text.matchAll(/new Worker\(\s*new URL\("([^"]+)"/g)) {
      started.push(new URL(specifier, `file:///${path}`).pathname.slice(1));
    }
    assertEquals(
      text.split("new Worker(").length - 1,
      [...text.matchAll(/new Worker\(\s*new URL\("/g)].length,
      path,
    );
  }
  assertEquals(started.sort(), WORKERS.toSorted());
  for (const worker of WORKERS) assertEquals(ARGUMENTS.includes(`--include=${worker}`), true, worker);
});
