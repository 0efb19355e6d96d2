import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { discardLeftoverLog, KeeperLog } from "../../../src/keeper/keeper_log.ts";
import { programFolder } from "../../../src/windows/program_folder.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";

Deno.test("the folder of the logs cannot go while a keeper has one, and does not go with the last", () => {
  using libraries = new SystemLibraries();
  const folder = programFolder(libraries);
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  {
    using log = KeeperLog.open(libraries, first);
    log.write("info", "one");
    assertMatch(Deno.readTextFileSync(log.path), /Z info {4}one\r\n$/);
    discardLeftoverLog(libraries, second);
    using other = KeeperLog.open(libraries, second);
    assertThrows(() => Deno.renameSync(folder, `${folder} 2`));
    other.discard();
    assertThrows(() => Deno.statSync(other.path), Deno.errors.NotFound);
    log.discard();
  }
  assertEquals(Deno.lstatSync(folder).isDirectory, true);
});

Deno.test("a keeper's log takes the place of an older one, and a leftover is deleted", () => {
  using libraries = new SystemLibraries();
  const guid = crypto.randomUUID();
  let path: string;
  {
    using old = KeeperLog.open(libraries, guid);
    old.write("info", "of another keeper");
    path = old.path;
  }
  {
    using log = KeeperLog.open(libraries, guid);
    assertEquals(Deno.readTextFileSync(path), "");
    // It is in use.
    discardLeftoverLog(libraries, guid);
    log.write("info", "one");
  }
  assertMatch(Deno.readTextFileSync(path), /one\r\n$/);
  discardLeftoverLog(libraries, guid);
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
});

Deno.test("a keeper's log goes on with that of a minute ago where it should, and not with an older one", () => {
  using libraries = new SystemLibraries();
  const guid = crypto.randomUUID();
  const write = (message: string): string => {
    using log = KeeperLog.open(libraries, guid, { continues: true });
    log.write("info", message);
    return log.path;
  };
  const path = write("one");
  write("two");
  assertMatch(Deno.readTextFileSync(path), /one\r\n.*two\r\n$/);
  Deno.utimeSync(path, new Date(), new Date(Date.now() - 61_000));
  write("three");
  assertMatch(Deno.readTextFileSync(path), /^[^\n]*three\r\n$/);
  discardLeftoverLog(libraries, guid);
});
