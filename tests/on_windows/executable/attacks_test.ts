/** What an attacker can put beside or around wintun.exe, and what comes of it. SECURITY.md has the same list. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { importsOf } from "../../build/image.ts";
import { elevatedManifest } from "../world/manifest.ts";
import { processes } from "../world_under_test.ts";
import { batch, type Ended, file, installedTest, remove, run, unpacked, world } from "./installed.ts";

/** The exit code of a process that has loaded the attacker's DLL. */
const LOADED = 77;
const planted = (): Uint8Array<ArrayBuffer> => Deno.readFileSync(world.file("/world/planted.dll"));

/** All DLLs that the executable imports, and those that Windows' DLLs load for it. */
const DLLS = [
  ...new Set([
    ...importsOf(unpacked("wintun.exe")).map((name) => name.toLowerCase()),
    "iphlpapi.dll",
    "version.dll",
  ]),
].filter((name) => !name.startsWith("api-ms-"));

/** Writes the attacker's DLL under all those names, and under that of wintun.dll. */
async function plant(folder: string, names: readonly string[] = [...DLLS, "wintun.dll"]): Promise<void> {
  await Deno.mkdir(file(folder), { recursive: true });
  for (const name of names) await Deno.writeFile(file(`${folder}\\${name}`), planted());
}

/** `wintun doctor` has done all its work: it has loaded all DLLs of Windows and the wintun.dll inside the executable. */
function assertSound({ code, stdout, stderr }: Ended): void {
  assertEquals([code, stderr], [0, ""], stdout + stderr);
  assertMatch(
    stdout,
    /C:\\ProgramData\\wintun\\wintun-0\.14\.1-amd64\.dll is loaded: its SHA-256 is that of/,
  );
}

installedTest(
  "of the DLLs beside the executable, Wine loads two before its first statement, and none later",
  async (folder) => {
    // Windows heeds the DependentLoadFlags of the file, and loads none. The first is loaded because this world has its own.
    const loaded = ["bcryptprimitives.dll", "userenv.dll"];
    for (const name of loaded) {
      await plant(folder, [name]);
      assertEquals((await run(folder, ["doctor"])).code, LOADED, name);
      await remove(`${folder}\\${name}`);
    }
    await plant(folder, DLLS.filter((name) => !loaded.includes(name)));
    assertSound(await run(folder, ["doctor"]));
  },
);

installedTest(
  "what lies in the current folder and in a folder of PATH is neither loaded nor started",
  async (folder) => {
    const [current, path] = [`${folder}\\current`, `${folder}\\path`];
    for (const hostile of [current, path]) {
      await plant(hostile);
      await Deno.writeTextFile(file(`${hostile}\\wintun.exe`), "not a program\n");
    }
    const before = [`cd /d "${current}"`, `set PATH=${path};%PATH%`];
    const inside = (...words: string[]): Promise<Ended> =>
      batch(folder, [...before, `"${folder}\\wintun.exe" ${words.join(" ")}`]);
    assertSound(await inside("doctor"));
    const created = await inside("create", "lab");
    assertEquals(created.code, 0, created.stderr);
    // The service is the same executable, named by its path.
    const services = await processes(world, /wintun\.exe/);
    const isOurs = (line: string): boolean => line.replace('"', "").startsWith(`${folder}\\wintun.exe`);
    assert(services.length > 0 && services.every(isOurs), `${services}`);
    assertEquals((await inside("delete", "lab")).code, 0);
  },
);

installedTest(
  "a wintun.dll that is replaced all the time is loaded when it is good, refused when not",
  async (folder) => {
    await Deno.writeFile(file(`${folder}\\good.dll`), unpacked("wintun.dll"));
    await plant(folder, ["evil.dll", "wintun.dll"]);
    const attack = batch(folder, [
      `cd /d "${folder}"`,
      ":again",
      "copy /y evil.dll wintun.dll >nul 2>nul",
      "copy /y good.dll next.dll >nul 2>nul",
      "move /y next.dll wintun.dll >nul 2>nul",
      "if not exist enough goto again",
    ]);
    const codes = new Set<number>();
    try {
      for (let tries = 0; tries < 40 && codes.size < 2 || tries < 10; tries++) {
        codes.add((await run(folder, ["driver", "status"])).code);
      }
    } finally {
      await Deno.writeTextFile(file(`${folder}\\enough`), "");
      await attack;
    }
    assertEquals([...codes].sort(), [0, 6]);
  },
);

installedTest("DLLs in the folder that SystemRoot names are not loaded", async (folder) => {
  await plant(`${folder}\\system32`);
  assertSound(
    await batch(folder, [
      `set SystemRoot=${folder}`,
      `set windir=${folder}`,
      `"${folder}\\wintun.exe" doctor`,
    ]),
  );
});

installedTest(
  "DLLs in C:\\windows, which Windows searches behind the system's folder, are not loaded",
  async (folder) => {
    try {
      await plant("C:\\windows");
      assertSound(await run(folder, ["doctor"]));
    } finally {
      for (const name of [...DLLS, "wintun.dll"]) await remove(`C:\\windows\\${name}`);
    }
  },
);

installedTest("a .local folder beside the executable is not heeded", async (folder) => {
  await plant(`${folder}\\wintun.exe.local`);
  assertSound(await run(folder, ["doctor"]));
});

installedTest("a manifest beside the executable is not heeded", async (folder) => {
  await Deno.writeTextFile(file(`${folder}\\wintun.exe.manifest`), elevatedManifest);
  const { code } = await run(folder, ["create", "lab"], { elevated: false });
  assertEquals(code, 3);
});
