import { assertEquals } from "@std/assert";
import { readZipFile } from "../../vendor/archive.ts";
import { writeZip } from "../../.build/zip.ts";

const encoder = new TextEncoder();

Deno.test("writeZip() keeps every file, also an empty one and one in a folder", async () => {
  const files = [
    { path: "wintun.exe", bytes: new Uint8Array(300_000).fill(7) },
    { path: "docs/empty.txt", bytes: new Uint8Array() },
    { path: "SHA256SUMS", bytes: encoder.encode("0123  wintun.exe\n") },
  ];
  const archive = await writeZip(files);
  for (const { path, bytes } of files) assertEquals(await readZipFile(archive, path, 1_000_000), bytes);
});

Deno.test("writeZip() records the CRC-32 of IEEE 802.3, the sizes, and the first moment of the format for any file", async () => {
  const archive = await writeZip([{ path: "check", bytes: encoder.encode("123456789") }]);
  const view = new DataView(archive.buffer);
  const end = archive.length - 22;
  const central = view.getUint32(end + 16, true);
  for (const [header, crc] of [[0, 14], [central, 16]]) {
    assertEquals(view.getUint32(header + crc, true), 0xcbf43926, "the check value of CRC-32");
    assertEquals(view.getUint32(header + crc + 8, true), 9, "uncompressed size");
    assertEquals(view.getUint16(header + crc - 2, true), 0b0000000_0001_00001, "1980-01-01");
    assertEquals(view.getUint16(header + crc - 4, true), 0, "00:00:00");
  }
  assertEquals([view.getUint16(end + 8, true), view.getUint16(end + 10, true)], [1, 1]);
});
