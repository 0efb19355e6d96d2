import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { locateWintun, wintunPlaces } from "../../../src/wintun/locate.ts";
import { LibraryRefusedError } from "../../../src/wintun/trust.ts";
import { signedPath } from "../libraries.ts";
import { run } from "../program.ts";
import { folderTest, libraries, plant, signedBytes, tampered } from "./attacks.ts";

const main = fromFileUrl(new URL("../../../src/main.ts", import.meta.url));

/** `wintun driver status --verbose`, which loads wintun.dll and nothing else of Wintun, in a process of its own. */
async function loadIn(
  options: { cwd: string; deno?: string; args?: readonly string[]; env?: Record<string, string> },
): Promise<{ code: number; stderr: string }> {
  const { cwd, deno = Deno.execPath(), args = [], env = {} } = options;
  const { code, stderr } = await new Deno.Command(deno, {
    args: ["run", "-A", "--no-check", main, "driver", "status", "--verbose", ...args],
    cwd,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

function subfolder(parent: string, name: string): string {
  const path = join(parent, name);
  Deno.mkdirSync(path);
  return path;
}

folderTest("--dll is taken before what is beside, and refused rather than passed over", async (folder) => {
  const [good, bad] = [subfolder(folder, "good"), subfolder(folder, "bad")];
  const beside = [plant(good, signedBytes())];
  const copy = plant(subfolder(folder, "chosen"), signedBytes());
  {
    using dll = await locateWintun(libraries, { chosen: { path: copy, isTrusted: false }, beside });
    assertEquals(dll.path, copy);
  }
  for (const path of [plant(bad, tampered()), join(folder, "missing.dll")]) {
    const chosen = { path, isTrusted: false };
    await assertRejects(() => locateWintun(libraries, { chosen, beside }), LibraryRefusedError, path);
  }
});

folderTest("the first file that is beside is taken, and refused rather than passed over", async (folder) => {
  const good = plant(subfolder(folder, "good"), signedBytes());
  const bad = plant(subfolder(folder, "bad"), tampered());
  {
    using dll = await locateWintun(libraries, { beside: [join(folder, "missing.dll"), good] });
    assertEquals(dll.path, good);
  }
  await assertRejects(() => locateWintun(libraries, { beside: [bad, good] }), LibraryRefusedError, bad);
});

folderTest("beside a program on a network folder nothing is loaded", async (folder) => {
  const network = "\\\\server\\share\\wintun.dll";
  const good = plant(folder, signedBytes());
  {
    using dll = await locateWintun(libraries, { beside: [network, good] });
    assertEquals(dll.path, good);
  }
  await assertRejects(
    () => locateWintun(libraries, { beside: [network] }),
    LibraryRefusedError,
    "not on a drive of this machine",
  );
});

folderTest("where there is no wintun.dll, every place and the way out are named", async (folder) => {
  const beside = [join(folder, "a.dll"), join(folder, "b.dll")];
  const error = await assertRejects(() => locateWintun(libraries, { beside }), LibraryRefusedError);
  for (const path of beside) assertStringIncludes(error.message, path);
  assertStringIncludes(error.hint, "--dll");
});

Deno.test("from source the places are beside deno.exe and vendor/wintun, by absolute paths", () => {
  const { beside, embedded, chosen } = wintunPlaces(libraries, undefined);
  assertEquals([beside[1], embedded, chosen], [signedPath, undefined, undefined]);
  assertEquals(beside[0], Deno.execPath().replace(/[^\\]+$/, "wintun.dll"));
});

folderTest("a wintun.dll planted in the current folder or in PATH is not loaded", async (folder) => {
  const [cwd, path] = [subfolder(folder, "current"), subfolder(folder, "path")];
  plant(cwd, tampered());
  plant(path, tampered());
  const { code, stderr } = await loadIn({ cwd, env: { PATH: `${path};${Deno.env.get("PATH") ?? ""}` } });
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, `${signedPath} is loaded: its SHA-256 is that of Wintun 0.14.1.`);
});

folderTest(
  "a wintun.dll planted beside a copy of the program ends it with 6, and is named",
  async (folder) => {
    const deno = join(folder, "copy.exe");
    Deno.copyFileSync(Deno.execPath(), deno);
    const planted = plant(folder, tampered());
    const { code, stderr } = await loadIn({ cwd: folder, deno });
    assertEquals(code, 6, stderr);
    assertStringIncludes(stderr, `Cannot read the driver's version: ${planted} is refused: `);
    assertStringIncludes(stderr, "changed after it was signed");
  },
);

folderTest("a relative --dll is the file in the current folder, by its absolute path", async (folder) => {
  const path = plant(folder, signedBytes());
  const good = await loadIn({ cwd: folder, args: ["--dll", "wintun.dll"] });
  assertEquals(good.code, 0, good.stderr);
  assertStringIncludes(good.stderr, `${path} is loaded`);
  plant(folder, tampered());
  const bad = await loadIn({ cwd: folder, args: ["--dll", ".\\wintun.dll"] });
  assertEquals(bad.code, 6, bad.stderr);
  assertStringIncludes(bad.stderr, `${path} is refused`);
});

folderTest("--dll of a folder or a network path ends the program with 6", async (folder) => {
  for (const path of [folder, "\\\\server\\share\\wintun.dll", "\\\\.\\pipe\\wintun"]) {
    const { code, stderr } = await loadIn({ cwd: folder, args: ["--dll", path] });
    assertEquals(code, 6, stderr);
    assertStringIncludes(stderr, path);
  }
});

folderTest("the keeper of an adapter refuses a --dll as its starter would, with 6", async (folder) => {
  const path = plant(folder, tampered());
  const { code, stderr } = await run(["create", "lab"], { dll: path });
  assertEquals(code, 6, stderr);
  assertStringIncludes(stderr, `Cannot create adapter "lab": ${path} is refused: `);
  assertStringIncludes(stderr, "--trust-dll");
});
