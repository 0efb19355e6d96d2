/** The wintun.dll inside the executable: where it is written to, and what may be there already. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  dataFolder,
  type Ended,
  extractedPath,
  file,
  installedTest,
  run,
  unpacked,
  world,
} from "./installed.ts";

const embedded = unpacked("wintun.dll");

/** Runs a command that loads wintun.dll, and none lies beside the executable. */
const load = (folder: string): Promise<Ended> => run(folder, ["driver", "status", "--verbose"]);

function assertLoaded({ code, stderr }: Ended): void {
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, `${extractedPath} is loaded: its SHA-256 is that of Wintun 0.14.1.`);
  assertEquals(Deno.readFileSync(file(extractedPath)), embedded);
}

function assertRefused({ code, stderr }: Ended, reason: RegExp): void {
  assertEquals(code, 6, stderr);
  assertStringIncludes(stderr, `${extractedPath} is refused: `);
  assertMatch(stderr, reason);
}

/** The names in the folder of the embedded DLL. */
const names = (): string[] => Array.from(Deno.readDirSync(file(dataFolder)), ({ name }) => name);

installedTest(
  "the embedded wintun.dll is written for administrators only, and used again",
  async (folder) => {
    assertLoaded(await load(folder));
    assertEquals(names(), [extractedPath.split("\\").at(-1)]);
    // Wine keeps the access list of a file as Linux' access mode, with the administrators as its group.
    for (const path of [dataFolder, extractedPath]) {
      const { mode, uid } = await Deno.stat(file(path));
      assertEquals([mode! & 0o007, uid], [0, 0], path);
    }
    const { mtime, ino } = await Deno.stat(file(extractedPath));
    assertLoaded(await load(folder));
    const again = await Deno.stat(file(extractedPath));
    assertEquals([again.mtime, again.ino], [mtime, ino]);
  },
);

installedTest("an embedded wintun.dll that was changed or cut off there is replaced", async (folder) => {
  assertLoaded(await load(folder));
  const changed = embedded.slice();
  changed[0x2000] ^= 1;
  for (const bytes of [changed, embedded.subarray(0, 1000), new Uint8Array()]) {
    await Deno.writeFile(file(extractedPath), bytes);
    assertLoaded(await load(folder));
  }
  assertEquals(names().length, 1);
});

installedTest("eight programs at once extract one whole wintun.dll", async (folder) => {
  for (const ended of await Promise.all(Array.from({ length: 8 }, () => load(folder)))) assertLoaded(ended);
  assertEquals(names().length, 1);
});

installedTest("no wintun.dll is written to a folder that others can write to", async (folder) => {
  await Deno.mkdir(file(dataFolder));
  await Deno.chmod(file(dataFolder), 0o777);
  assertRefused(await load(folder), /is open to everybody, not to administrators only/);
  assertEquals(names(), []);
});

installedTest("no wintun.dll is written to a folder that another user made", async (folder) => {
  await Deno.mkdir(file(dataFolder));
  await Deno.chmod(file(dataFolder), 0o700);
  await Deno.chown(file(dataFolder), 1234, 1234);
  assertRefused(await load(folder), /belongs to .+, not to the administrators/);
  assertEquals(names(), []);
});

installedTest(
  "a wintun.dll in that folder which belongs to another user is refused, even with the right bytes",
  async (folder) => {
    assertLoaded(await load(folder));
    await Deno.chown(file(extractedPath), 1234, 1234);
    assertRefused(await load(folder), /belongs to .+, not to the administrators/);
  },
);

installedTest("a file in the place of the folder is refused", async (folder) => {
  await Deno.writeTextFile(file(dataFolder), "");
  assertRefused(await load(folder), /is a file, not a folder/);
});

installedTest(
  "on a full disk the embedded wintun.dll is refused, and nothing of it is left",
  async (folder) => {
    await Deno.mkdir(file(dataFolder), { mode: 0o700 });
    const path = `/proc/${world.pid}/root`;
    const mountPoint = file(dataFolder).slice(path.length);
    const { success } = await world.linux("mount", [
      "-t",
      "tmpfs",
      "-o",
      "size=64k,mode=700",
      "full",
      mountPoint,
    ]).output();
    assert(success, "no file system can be mounted there");
    try {
      assertRefused(await load(folder), /./);
      assertEquals(names(), []);
    } finally {
      await world.linux("umount", [mountPoint]).output();
    }
  },
);
