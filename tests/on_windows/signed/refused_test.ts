import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { isWindowsWorld, signedPath } from "../libraries.ts";
import { run } from "../program.ts";

const OLD = "Z:\\world\\old_wintun.dll";
const otherArchitecture = signedPath.replace(
  /(amd64|arm64)\.dll$/,
  (_, name) => `${name === "amd64" ? "arm64" : "amd64"}.dll`,
);

async function withDll(bytes: Uint8Array, body: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "wintun.dll");
  await Deno.writeFile(path, bytes);
  try {
    await body(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const dlls: Record<string, () => Promise<Uint8Array>> = {
  "of another architecture": () => Deno.readFile(otherArchitecture),
  "that is cut off": async () => (await Deno.readFile(signedPath)).slice(0, 100_000),
  "that is no DLL": () => Promise.resolve(new TextEncoder().encode("not a program\n")),
};

for (const [which, read] of Object.entries(dlls)) {
  Deno.test(`serve refuses a wintun.dll ${which} with 6, and names it`, async () => {
    await withDll(await read(), async (path) => {
      const { code, stderr } = await run(["serve", "lab", "--address", "10.77.7.7/24"], { dll: path });
      assertEquals(code, 6, stderr);
      assertStringIncludes(stderr, path);
    });
  });
}

Deno.test({
  name: "serve refuses a wintun.dll from before 0.14 with 6, and names it",
  ignore: !isWindowsWorld, // built with mingw-w64
  fn: async () => {
    await withDll(await Deno.readFile(OLD), async (path) => {
      const { code, stderr } = await run(["serve", "lab", "--address", "10.77.7.7/24"], { dll: path });
      assertEquals(code, 6, stderr);
      assertStringIncludes(stderr, path);
    });
  },
});
