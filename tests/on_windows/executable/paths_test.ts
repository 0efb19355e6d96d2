/** Where the executable lies, and how it is called. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { batch, extractedPath, file, installedTest, run, unpacked, world } from "./installed.ts";

const folders: Record<string, string> = {
  "with blanks and signs of the shell": "C:\\Program (x86) & co, 100% ^ ready!",
  "with umlauts": "C:\\Käfig\\Größe",
  "with Chinese and Japanese characters": "C:\\測試 テスト",
  "of 200 characters": `C:\\${"a".repeat(97)}\\${"b".repeat(99)}`,
};

/** Makes an adapter, by the wintun.dll of that path. */
async function makeAdapter(folder: string, dll: string): Promise<void> {
  const created = await run(folder, ["create", "läb 測試", "--address", "10.79.0.1/24", "--verbose"]);
  assertEquals(created.code, 0, created.stderr);
  assertStringIncludes(created.stderr, dll);
  const deleted = await run(folder, ["delete", "läb 測試"]);
  assertEquals(deleted.code, 0, deleted.stderr);
}

for (const [what, folder] of Object.entries(folders)) {
  installedTest(`from a folder ${what} it makes an adapter, by the wintun.dll beside it`, async () => {
    const dll = `${folder}\\wintun.dll`;
    await Deno.writeFile(file(dll), unpacked("wintun.dll"));
    await makeAdapter(folder, dll);
  }, { folder });
}

installedTest(
  "without a wintun.dll beside it, it makes an adapter by its own",
  (folder) => makeAdapter(folder, extractedPath),
);

installedTest("started by its \\\\?\\ path it takes the wintun.dll beside it", async (folder) => {
  await Deno.writeFile(file(`${folder}\\wintun.dll`), unpacked("wintun.dll"));
  // Windows keeps the prefix in the program's own path, where Wine removes it. Then the one inside is taken.
  const { code, stdout } = await run(`\\\\?\\${folder}`, ["doctor"]);
  assertEquals(code, 0, stdout);
  assertStringIncludes(stdout, `${folder}\\wintun.dll is loaded`);
});

installedTest(
  "from a network folder it takes the wintun.dll inside it, and not the one beside it",
  async (folder) => {
    // Wine's network: a folder that is called like the server has its shares.
    const network = world.file("/prefix/dosdevices/unc");
    await Deno.mkdir(`${network}/server`, { recursive: true });
    await Deno.symlink("../../../drive_c", `${network}/server/share`);
    try {
      await Deno.writeFile(file(`${folder}\\wintun.dll`), unpacked("wintun.dll"));
      const { code, stdout } = await run(`\\\\server\\share${folder.slice(2)}`, ["doctor"]);
      assertEquals(code, 0, stdout);
      assertStringIncludes(stdout, `${extractedPath} is loaded`);
    } finally {
      await Deno.remove(network, { recursive: true });
    }
  },
);

installedTest(
  "what lies in the current folder, in its temporary folder and in the environment changes nothing",
  async (folder) => {
    const current = `${folder}\\current`;
    const evil = "console.log('evil'); Deno.exit(77);";
    const files: Record<string, string> = {
      "main.js": evil,
      "src\\bundle\\main.js": evil,
      "src\\main.ts": evil,
      "deno-compile-wintun\\src\\bundle\\main.js": evil,
      "deno.json": '{ "imports": { "@std/path": "./main.js" }, "preload": ["./main.js"] }',
      "package.json": '{ "main": "main.js" }',
      ".env": "WINTUN_EVIL=1\n",
      ".npmrc": "registry=http://127.0.0.1:9/\n",
      "wintun.exe": "not a program\n",
      "wintun.cmd": "exit 77\r\n",
    };
    for (const [name, text] of Object.entries(files)) {
      const path = file(`${current}\\${name}`);
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    const variables: Record<string, string> = {
      TEMP: current,
      TMP: current,
      DENO_DIR: current,
      DENO_CONFIG: `${current}\\deno.json`,
      DENO_IMPORT_MAP: `${current}\\deno.json`,
      DENO_V8_FLAGS: "--no-such-flag",
      DENO_INSPECT: "127.0.0.1:9229",
      DENO_PERMISSION_BROKER_PATH: "\\\\.\\pipe\\evil",
      DENO_TRACE_PERMISSIONS: "1",
      DENO_UNSTABLE_FFI: "0",
      NODE_OPTIONS: `--require ${current}\\main.js`,
      NODE_PATH: current,
      OTEL_DENO: "true",
      RUST_BACKTRACE: "full",
      RUST_LOG: "trace",
    };
    const expected = await run(folder, ["doctor"]);
    assertEquals(expected.code, 0, expected.stderr);
    const lines = Object.entries(variables).map(([name, value]) => `set ${name}=${value}`);
    assertEquals(
      await batch(folder, [...lines, `cd /d "${current}"`, `"${folder}\\wintun.exe" doctor`]),
      expected,
    );
    assertEquals(
      Array.from(Deno.readDirSync(file(current)), ({ name }) => name).length,
      9,
      "something was written there",
    );
  },
);
