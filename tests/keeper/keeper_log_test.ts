import { assertEquals, assertMatch } from "@std/assert";
import { KeeperLog, type LogFile } from "../../src/keeper/keeper_log.ts";

/** A file in memory, on a disk that may be full. */
class MemoryFile implements LogFile {
  readonly path = "/nowhere/keeper.log";
  text = "";
  writes = 0;
  flushed = "";
  isClosed = false;
  isFull = false;

  write(bytes: Uint8Array): void {
    this.writes++;
    if (this.isFull) throw new Error("No space left on device");
    this.text += new TextDecoder().decode(bytes);
  }

  flush(): void {
    this.flushed = this.text;
  }

  close(): void {
    this.isClosed = true;
  }
}

/** Returns a log, its file, and whether its folder is open. */
function logOf(): { file: MemoryFile; log: KeeperLog; isFolderOpen: () => boolean } {
  const file = new MemoryFile();
  const folder = new DisposableStack();
  return { file, log: new KeeperLog(file, folder), isFolderOpen: () => !folder.disposed };
}

Deno.test("KeeperLog writes each message as a line with its time and level, which reaches the disk at once", () => {
  const { file, log } = logOf();
  log.write("info", "one");
  log.write("warning", "two\nlines");
  const lines = file.flushed.split("\r\n");
  assertEquals(lines.length, 3);
  assertMatch(lines[0], /^\d{4}-\d\d-\d\dT[\d:.]+Z info {4}one$/);
  assertMatch(lines[1], /Z warning two \| lines$/);
});

Deno.test("KeeperLog keeps its folder open for as long as it can be written, and its file no longer", () => {
  for (const end of ["close", "discard"] as const) {
    const { file, log, isFolderOpen } = logOf();
    assertEquals([file.isClosed, isFolderOpen()], [false, true]);
    log[end]();
    log.write("info", "late");
    log.close();
    assertEquals([file.isClosed, isFolderOpen(), file.writes], [true, false, 0]);
  }
});

Deno.test("KeeperLog gives a log up that cannot be written, as on a full disk, and does not fail by it", () => {
  const { file, log } = logOf();
  file.isFull = true;
  log.write("info", "one");
  log.write("info", "two");
  assertEquals([file.writes, file.isClosed], [1, true]);
  log.discard();
});
