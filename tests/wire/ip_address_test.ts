import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import {
  AddressSyntaxError,
  equalIpAddress,
  formatIpAddress,
  formatIpv4,
  formatIpv6,
  parseIpAddress,
} from "../../src/wire/ip_address.ts";

Deno.test("parseIpAddress() reads IPv4 into network byte order", () => {
  assertEquals(parseIpAddress("10.6.7.255"), { family: 4, bytes: Uint8Array.of(10, 6, 7, 255) });
  assertEquals(parseIpAddress("0.0.0.0").bytes, new Uint8Array(4));
});

Deno.test("parseIpAddress() refuses what is not strictly IPv4", () => {
  const wrong = ["", "10.6.7", "10.6.7.7.7", "10.6.7.256", "010.6.7.7", "10.6.7.00", "10.6.7.", " 10.6.7.7"];
  wrong.push(
    "10.6.7.7 ",
    "10.6.7.+7",
    "0x0a.6.7.7",
    "10.6.7.7e0",
    "10,6,7,7",
    "167773191",
    "10.6.7.٧",
    "lab",
  );
  for (const text of wrong) {
    const error = assertThrows(() => parseIpAddress(text), AddressSyntaxError);
    assert(error.message.startsWith(`${text}: `), error.message);
  }
});

Deno.test("parseIpAddress() reads every form of RFC 4291 section 2.2", () => {
  const forms: [string, string][] = [
    ["ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"],
    ["2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"],
    ["FF01:0:0:0:0:0:0:101", "ff01::101"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:13.1.68.3", "::d01:4403"],
    ["0:0:0:0:0:FFFF:129.144.52.38", "::ffff:129.144.52.38"],
    ["::FFFF:129.144.52.38", "::ffff:129.144.52.38"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["fd00::", "fd00::"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ];
  for (const [text, canonical] of forms) assertEquals(formatIpAddress(parseIpAddress(text)), canonical);
});

Deno.test("parseIpAddress() refuses what is not IPv6", () => {
  const wrong = [
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
  ];
  wrong.push(
    "1:2:3:4::5:6:7:8",
    "12345::",
    "g::",
    ":1::2",
    "1::2:",
    "1:",
    ":1:2:3:4:5:6:7:8",
    "::1.2.3",
    "::1.2.3.256",
  );
  wrong.push(
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "::01.2.3.4",
    "fe80::1%3",
    "[::1]",
    "::1 ",
    "::0x1",
  );
  for (const text of wrong) {
    const error = assertThrows(() => parseIpAddress(text), AddressSyntaxError);
    assert(error.message.startsWith(`${text}: `), error.message);
  }
});

Deno.test("parseIpAddress() names the text that it is a part of", () => {
  for (
    const text of ["10.6.7", "fe80::1%3", "1::2::3", "1:2", "1:2:3:4:5:6:7:8:9", "g::", "::1:2:3:4:5:6:7:8"]
  ) {
    const error = assertThrows(() => parseIpAddress(text, "<whole>"), AddressSyntaxError);
    assert(error.message.startsWith("<whole>: "), error.message);
  }
});

Deno.test("formatIpAddress() follows RFC 5952 section 4", () => {
  const canonical = [
    "2001:db8::1", // leading zeros gone (4.1), shortest (4.2.1)
    "2001:db8:0:1:1:1:1:1", // one zero group is not shortened (4.2.2)
    "2001:0:0:1::1", // the longest run (4.2.3)
    "2001:db8::1:0:0:1", // the first of equal runs (4.2.3)
    "::ffff:192.0.2.1", // well-known prefix in mixed form (5)
    "::ffff:0:c000:201", // and not one that only resembles it
    "1::",
    "::1:0",
  ];
  for (const text of canonical) assertEquals(formatIpAddress(parseIpAddress(text)), text);
});

Deno.test("formatIpv4() and formatIpv6() read from the middle of a buffer", () => {
  assertEquals(formatIpv4(Uint8Array.of(9, 10, 6, 7, 8, 9), 1), "10.6.7.8");
  const dirty = new Uint8Array(20).fill(0xee);
  dirty.set(parseIpAddress("fd00:6:7::8").bytes, 3);
  assertEquals(formatIpv6(dirty, 3), "fd00:6:7::8");
});

Deno.test("equalIpAddress() tells families and bytes apart", () => {
  assert(equalIpAddress(parseIpAddress("fd00::1"), parseIpAddress("FD00:0::1")));
  assertFalse(equalIpAddress(parseIpAddress("10.0.0.1"), parseIpAddress("10.0.0.2")));
  assertFalse(equalIpAddress(parseIpAddress("0.0.0.0"), parseIpAddress("::")));
});
