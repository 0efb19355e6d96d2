import { assertEquals } from "@std/assert";
import { readSockaddrInet, writeSockaddrInet } from "../../../src/windows/network/sockaddr_inet.ts";
import { formatIpAddress, parseIpAddress } from "../../../src/wire/ip_address.ts";

Deno.test("an IPv4 address lies at 4, behind family 2 and port 0", () => {
  const view = new DataView(new ArrayBuffer(28));
  writeSockaddrInet(view, 0, parseIpAddress("10.6.7.8"));
  assertEquals(Array.from(new Uint8Array(view.buffer, 0, 8)), [2, 0, 0, 0, 10, 6, 7, 8]);
});

Deno.test("an IPv6 address lies at 8, behind family 23, port 0 and flow 0", () => {
  const view = new DataView(new ArrayBuffer(28));
  writeSockaddrInet(view, 0, parseIpAddress("fd00::7"));
  const expected = [23, 0, 0, 0, 0, 0, 0, 0, 0xfd, ...new Array(14).fill(0), 7, 0, 0, 0, 0];
  assertEquals(Array.from(new Uint8Array(view.buffer)), expected);
});

for (const text of ["0.0.0.0", "255.255.255.255", "::", "2001:db8::1"]) {
  Deno.test(`${text} is read as it was written, wherever the view and the address begin`, () => {
    const buffer = new ArrayBuffer(64);
    new Uint8Array(buffer).fill(0xAA);
    const view = new DataView(buffer, 8);
    writeSockaddrInet(view, 4, parseIpAddress(text));
    assertEquals(formatIpAddress(readSockaddrInet(view, 4)!), text);
    assertEquals(Array.from(new Uint8Array(buffer, 0, 12)), new Array(12).fill(0xAA));
    assertEquals(Array.from(new Uint8Array(buffer, 12 + 28)), new Array(64 - 40).fill(0xAA));
  });
}

Deno.test("an address of no family, or of another one, is undefined", () => {
  const view = new DataView(new ArrayBuffer(28));
  assertEquals(readSockaddrInet(view, 0), undefined);
  view.setUint16(0, 1, true);
  assertEquals(readSockaddrInet(view, 0), undefined);
});
