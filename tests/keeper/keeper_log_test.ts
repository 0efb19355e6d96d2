import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { KeeperLog } from "../../src/keeper/keeper_log.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";

async function inFolder(body: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

Deno.test("KeeperLog writes each message as a line with its time and level, over an older log", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, `keeper-${GUID}.log`), "of another keeper\r\n".repeat(9));
    using log = new KeeperLog(folder, GUID);
    log.write("info", "one");
    log.write("warning", "two\nlines");
    const lines = (await Deno.readTextFile(log.path)).split("\r\n");
    assertEquals(lines.length, 3);
    assertMatch(lines[0], /^\d{4}-\d\d-\d\dT[\d:.]+Z info {4}one$/);
    assertMatch(lines[1], /Z warning two \| lines$/);
  }));

Deno.test("KeeperLog.discard() deletes the log, and the folder with the last one", () =>
  inFolder(async (folder) => {
    const logs = [new KeeperLog(folder, GUID), new KeeperLog(folder, crypto.randomUUID())];
    logs[0].discard();
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 1);
    logs[1].discard();
    await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
  }));

Deno.test({
  name: "KeeperLog gives a log up that cannot be written, as on a full disk, and does not fail by it",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      await Deno.symlink("/dev/full", join(folder, `keeper-${GUID}.log`));
      using log = new KeeperLog(folder, GUID);
      log.write("info", "one");
      log.write("info", "two");
      log.discard();
      await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
    }),
});
