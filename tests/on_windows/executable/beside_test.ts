/** What lies beside the executable under the name wintun.dll. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { extractedPath, file, installedTest, run, unpacked } from "./installed.ts";

const signed = unpacked("wintun.dll");
const arm64 = fromFileUrl(new URL("../../../vendor/wintun/wintun-arm64.dll", import.meta.url));

function tampered(): Uint8Array {
  const bytes = signed.slice();
  bytes[0x2000] ^= 1;
  return bytes;
}

const bad: Record<string, [put: (path: string) => Promise<void>, reason: RegExp]> = {
  "tampered with": [(path) => Deno.writeFile(path, tampered()), /the file was changed after it was signed/],
  "cut off": [(path) => Deno.writeFile(path, signed.subarray(0, 300_000)), /is refused/],
  "of another architecture": [(path) => Deno.copyFile(arm64, path), /and this program is for/],
  "empty": [(path) => Deno.writeFile(path, new Uint8Array()), /it is not a DLL/],
  "a folder": [(path) => Deno.mkdir(path), /it is a folder, not a file/],
  "a text": [(path) => Deno.writeTextFile(path, "not a program\n"), /it is not a DLL/],
};

const COMMANDS = [["driver", "status"], ["create", "lab"], ["serve", "lab", "--address", "10.79.0.1/24"]];

for (const [index, [what, [put, reason]]] of Object.entries(bad).entries()) {
  installedTest(
    `a wintun.dll beside the executable that is ${what} is refused, not passed over`,
    async (folder) => {
      await put(file(`${folder}\\wintun.dll`));
      // They all load it by the same function: what is in the file makes no difference to that.
      for (const command of index === 0 ? COMMANDS : COMMANDS.slice(0, 1)) {
        const { code, stderr } = await run(folder, command);
        assertEquals(code, 6, stderr);
        assertStringIncludes(stderr, `${folder}\\wintun.dll is refused: `);
        assertMatch(stderr, reason);
      }
      assertEquals(
        await Deno.stat(file(extractedPath)).then(() => true, () => false),
        false,
        "the embedded one was used",
      );
    },
  );
}

installedTest(
  "a link beside the executable leads to a wintun.dll that is checked like a file",
  async (folder) => {
    const link = file(`${folder}\\wintun.dll`);
    const [good, evil] = ["good.dll", "evil.dll"].map((name) => file(`${folder}\\${name}`));
    await Deno.writeFile(good, signed);
    await Deno.writeFile(evil, tampered());
    const load = async (target: string): Promise<number> => {
      await Deno.symlink(target, link);
      const { code } = await run(folder, ["driver", "status"]);
      await Deno.remove(link);
      return code;
    };
    assertEquals([await load("good.dll"), await load("evil.dll")], [0, 6]);
    // Without an end it is no file, so the embedded one is used.
    assertEquals(await load("nothing.dll"), 0);
  },
);
