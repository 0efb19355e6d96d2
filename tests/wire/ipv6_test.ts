import { assertEquals, assertThrows } from "@std/assert";
import { formatIpAddress, parseIpAddress } from "../../src/wire/ip_address.ts";
import { parseIpv6, writeIpv6Header } from "../../src/wire/ipv6.ts";
import { PacketError } from "../../src/wire/packet.ts";
import * as captured from "../testdata/captured_packets.ts";

/** A packet of these bytes behind a header that says that `first` follows. */
function packetOf(first: number, payload: number[]): Uint8Array {
  const packet = new Uint8Array(40 + payload.length);
  writeIpv6Header(packet, {
    source: parseIpAddress("fd00::8"),
    destination: parseIpAddress("fd00::7"),
    nextHeader: first,
    hopLimit: 64,
    payloadLength: payload.length,
  });
  packet.set(payload, 40);
  return packet;
}

Deno.test("parseIpv6() reads a packet from a kernel", () => {
  const packet = parseIpv6(captured.PING6);
  assertEquals(packet.family, 6);
  assertEquals(formatIpAddress(packet.source), "fd00:6:7::7");
  assertEquals(formatIpAddress(packet.destination), "fd00:6:7::9");
  assertEquals([packet.protocol, packet.hopLimit, packet.length], [58, 64, 104]);
  assertEquals([packet.payloadOffset, packet.payloadEnd], [40, 104]);
  assertEquals(packet.extensionHeaders, []);
});

Deno.test("parseIpv6() walks the hop-by-hop options of a kernel's MLD report", () => {
  const packet = parseIpv6(captured.MLD_REPORT);
  assertEquals(packet.extensionHeaders, [0]);
  assertEquals([packet.protocol, packet.payloadOffset], [58, 48]);
});

Deno.test("parseIpv6() reads the fragments of a kernel", () => {
  const first = parseIpv6(captured.PING6_FIRST_FRAGMENT);
  assertEquals(first.fragment, { identification: 0x49dd63c0, offset: 0, hasMore: true });
  assertEquals([first.protocol, first.payloadOffset], [58, 48]);
  const last = parseIpv6(captured.PING6_LAST_FRAGMENT);
  assertEquals(last.fragment, { identification: 0x49dd63c0, offset: 1352, hasMore: false });
});

Deno.test("parseIpv6() walks a chain, including AH with its own unit of length", () => {
  const chain = [60, 0, 1, 4, 0, 0, 0, 0, 43, 0, 1, 4, 0, 0, 0, 0, 51, 0, 4, 0, 0, 0, 0, 0, 59, 1];
  const packet = parseIpv6(packetOf(0, [...chain, ...new Array(10).fill(0)]));
  assertEquals(packet.extensionHeaders, [0, 60, 43, 51]);
  assertEquals([packet.protocol, packet.payloadOffset, packet.payloadEnd], [59, 76, 76]);
});

Deno.test("parseIpv6() does not take a fragment header on a whole datagram for a fragment (RFC 6946)", () => {
  const packet = parseIpv6(packetOf(44, [59, 0, 0, 0, 1, 2, 3, 4]));
  assertEquals(packet.fragment, undefined);
  assertEquals(packet.extensionHeaders, [44]);
});

Deno.test("parseIpv6() does not look for headers in the data of a later fragment", () => {
  const packet = parseIpv6(packetOf(44, [60, 0, 0, 8, 1, 2, 3, 4, 0xff, 0xff]));
  assertEquals([packet.protocol, packet.payloadOffset], [60, 48]);
});

Deno.test("parseIpv6() rejects every truncation", () => {
  for (let size = 0; size < captured.MLD_REPORT.length; size++) {
    assertThrows(() => parseIpv6(captured.MLD_REPORT.subarray(0, size)), PacketError);
  }
});

Deno.test("parseIpv6() rejects extension headers that are cut short or out of place", () => {
  assertThrows(() => parseIpv6(packetOf(0, [59, 0, 1])), PacketError, "hop-by-hop options is cut short");
  assertThrows(() => parseIpv6(packetOf(60, [59, 1, 1, 4, 0, 0, 0, 0])), PacketError, "is cut short");
  assertThrows(() => parseIpv6(packetOf(44, [59, 0, 0, 0])), PacketError, "fragment header is cut short");
  const late = [0, 0, 1, 4, 0, 0, 0, 0, 59, 0, 1, 4, 0, 0, 0, 0];
  assertThrows(() => parseIpv6(packetOf(60, late)), PacketError, "not the first extension header");
});

Deno.test("parseIpv6() rejects fragments that no sender can mean", () => {
  assertThrows(() => parseIpv6(packetOf(44, [17, 0, 0, 8, 0, 0, 0, 0])), PacketError, "without data");
  assertThrows(() => parseIpv6(packetOf(44, [17, 0, 0, 1, 0, 0, 0, 0, 9])), PacketError, "no multiple of 8");
  const late = [17, 0, 0xff, 0xf8, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
  assertThrows(() => parseIpv6(packetOf(44, late)), PacketError, "above 65535");
  // The headers in front of the fragment header count.
  const behind = [44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0xff, 0xf0, 0, 0, 0, 0];
  assertThrows(
    () => parseIpv6(packetOf(60, [...behind, ...new Array(8).fill(0)])),
    PacketError,
    "above 65535",
  );
  assertEquals(parseIpv6(packetOf(60, [...behind, ...new Array(7).fill(0)])).fragment?.offset, 65520);
});

Deno.test("parseIpv6() rejects other versions", () => {
  assertThrows(() => parseIpv6(packetOf(59, []).fill(0x70, 0, 1)), PacketError, "IP version 7");
});
