import { assertEquals, assertRejects } from "@std/assert";
import { ArchiveError, readTgzFile, readZipFile } from "../../vendor/archive.ts";
import { tgz, zip } from "./archives.ts";

const SMALL = new TextEncoder().encode("small");
const REPEATED = new Uint8Array(100_000).fill(7);
const LIMIT = 200_000;

Deno.test("readZipFile() returns stored and deflated files", async () => {
  const archive = await zip([
    { path: "a/stored.bin", bytes: SMALL, deflate: false },
    { path: "a/deflated.bin", bytes: REPEATED, deflate: true },
  ]);
  assertEquals(await readZipFile(archive, "a/stored.bin", LIMIT), SMALL);
  assertEquals(await readZipFile(archive, "a/deflated.bin", LIMIT), REPEATED);
});

Deno.test("readZipFile() finds the end record before an archive comment", async () => {
  const archive = await zip([{ path: "a", bytes: SMALL, deflate: true }], "a comment of some length");
  assertEquals(await readZipFile(archive, "a", LIMIT), SMALL);
});

Deno.test("readZipFile() names the file that the archive does not have", async () => {
  const archive = await zip([{ path: "a", bytes: SMALL, deflate: true }]);
  await assertRejects(() => readZipFile(archive, "b", LIMIT), ArchiveError, "no file b");
});

Deno.test("readZipFile() refuses a file that unpacks to more than the limit", async () => {
  for (const deflate of [false, true]) {
    const archive = await zip([{ path: "a", bytes: REPEATED, deflate }]);
    await assertRejects(() => readZipFile(archive, "a", 99_999), ArchiveError, "more than 99999 bytes");
  }
});

Deno.test("readZipFile() refuses a file that unpacks to more than its header tells", async () => {
  const archive = await zip([{ path: "a", bytes: REPEATED, deflate: true, claimedSize: 10 }]);
  await assertRejects(() => readZipFile(archive, "a", LIMIT), ArchiveError, "damaged");
});

Deno.test("readZipFile() refuses every truncation of an archive with ArchiveError", async () => {
  const archive = await zip([{ path: "a", bytes: REPEATED, deflate: true }]);
  for (let length = 0; length < archive.length; length++) {
    await assertRejects(() => readZipFile(archive.slice(0, length), "a", LIMIT), ArchiveError);
  }
});

Deno.test("readZipFile() ends with the file or ArchiveError whatever one byte of the archive becomes", async () => {
  const archive = await zip([{ path: "a", bytes: SMALL, deflate: true }]);
  for (let at = 0; at < archive.length; at++) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const damaged = archive.slice();
      damaged[at] ^= flip;
      try {
        await readZipFile(damaged, "a", LIMIT);
      } catch (error) {
        if (!(error instanceof ArchiveError)) throw error;
      }
    }
  }
});

Deno.test("readTgzFile() returns a file after others of any length", async () => {
  const archive = await tgz([
    { path: "package/empty", bytes: new Uint8Array() },
    { path: "package/block", bytes: new Uint8Array(512).fill(1) },
    { path: "package/odd", bytes: new Uint8Array(513).fill(2) },
    { path: "package/small", bytes: SMALL },
  ]);
  assertEquals(await readTgzFile(archive, "package/small", LIMIT), SMALL);
  assertEquals(await readTgzFile(archive, "package/empty", LIMIT), new Uint8Array());
});

Deno.test("readTgzFile() refuses a missing file, a bomb, a truncation and what is no gzip", async () => {
  const archive = await tgz([{ path: "package/a", bytes: REPEATED }]);
  await assertRejects(() => readTgzFile(archive, "package/b", LIMIT), ArchiveError, "no file package/b");
  await assertRejects(() => readTgzFile(archive, "package/a", 1000), ArchiveError, "more than 1000 bytes");
  await assertRejects(() => readTgzFile(archive.slice(0, 60), "package/a", LIMIT), ArchiveError, "damaged");
  await assertRejects(() => readTgzFile(SMALL, "package/a", LIMIT), ArchiveError, "damaged");
});

Deno.test("readTgzFile() refuses a size that runs past the end", async () => {
  const archive = await tgz([{ path: "package/a", bytes: SMALL, claimedSize: 1_000_000 }]);
  await assertRejects(() => readTgzFile(archive, "package/a", LIMIT), ArchiveError, "damaged");
});
