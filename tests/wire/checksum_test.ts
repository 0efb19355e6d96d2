import { assertEquals } from "@std/assert";
import { foldSum, internetChecksum, sumPseudoHeader, sumWords } from "../../src/wire/checksum.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";

Deno.test("sumWords() and foldSum() give the numbers of RFC 1071 section 3", () => {
  const example = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assertEquals(sumWords(example, 0, 8), 0x2ddf0);
  assertEquals(foldSum(0x2ddf0), 0xddf2);
  assertEquals(internetChecksum(example, 0, 8), 0x220d);
});

Deno.test("sumWords() reads only its range, and a last odd byte as the high half of a word", () => {
  const dirty = Uint8Array.of(0xee, 0x01, 0x02, 0x03, 0xee);
  assertEquals(sumWords(dirty, 1, 3), 0x0102 + 0x0300);
  assertEquals(sumWords(dirty, 1, 0, 7), 7);
});

Deno.test("foldSum() adds carries until none is left, also above 32 bits", () => {
  assertEquals(foldSum(0), 0);
  assertEquals(foldSum(0xffff), 0xffff);
  assertEquals(foldSum(0x10000), 1);
  assertEquals(foldSum(0x1fffe), 0xffff);
  assertEquals(foldSum(0xffff_ffff), 0xffff);
  assertEquals(foldSum(0x1_0000_0000), 1);
  assertEquals(foldSum(0x12_ffff_fff0), (0x12 + 0xffff + 0xfff0) % 0xffff);
});

Deno.test("internetChecksum() is 0 over a right IPv4 header, and 0xffff over nothing but zeros", () => {
  // 172.16.10.99 to 172.16.10.12, TCP, as captured.
  const header = Uint8Array.of(
    ...[0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x06, 0xb1, 0xe6, 0xac, 0x10, 0x0a, 0x63],
    ...[0xac, 0x10, 0x0a, 0x0c],
  );
  assertEquals(internetChecksum(header, 0, 20), 0);
  header.fill(0, 10, 12);
  assertEquals(internetChecksum(header, 0, 20), 0xb1e6);
  assertEquals(internetChecksum(new Uint8Array(20), 0, 20), 0xffff);
});

Deno.test("sumPseudoHeader() counts addresses, protocol and a length above 65535", () => {
  const sum4 = sumPseudoHeader(parseIpAddress("10.6.7.8").bytes, parseIpAddress("10.6.7.7").bytes, 17, 12);
  assertEquals(sum4, 0x0a06 + 0x0708 + 0x0a06 + 0x0707 + 17 + 12);
  const sum6 = sumPseudoHeader(parseIpAddress("fd00::8").bytes, parseIpAddress("fd00::7").bytes, 58, 0x12345);
  assertEquals(sum6, 0xfd00 + 8 + 0xfd00 + 7 + 1 + 0x2345 + 58);
});
