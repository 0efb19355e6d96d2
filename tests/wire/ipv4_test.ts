import { assertEquals, assertThrows } from "@std/assert";
import { internetChecksum } from "../../src/wire/checksum.ts";
import { formatIpAddress, parseIpAddress } from "../../src/wire/ip_address.ts";
import { IPV4_CHECKSUM, IPV4_TTL, parseIpv4, writeIpv4Header } from "../../src/wire/ipv4.ts";
import { PacketError, writeUint16 } from "../../src/wire/packet.ts";
import * as captured from "../testdata/captured_packets.ts";

/** A copy of the captured ping with some header bytes replaced and the checksum made right again. */
function changed(changes: Record<number, number>): Uint8Array {
  const packet = captured.PING4.slice();
  for (const [offset, value] of Object.entries(changes)) packet[Number(offset)] = value;
  writeUint16(packet, IPV4_CHECKSUM, 0);
  writeUint16(packet, IPV4_CHECKSUM, internetChecksum(packet, 0, 4 * (packet[0] & 15)));
  return packet;
}

Deno.test("parseIpv4() reads a packet from a kernel", () => {
  const packet = parseIpv4(captured.PING4);
  assertEquals(packet.family, 4);
  assertEquals(formatIpAddress(packet.source), "10.6.7.7");
  assertEquals(formatIpAddress(packet.destination), "10.6.7.9");
  assertEquals([packet.protocol, packet.hopLimit, packet.length], [1, 64, 84]);
  assertEquals([packet.payloadOffset, packet.payloadEnd], [20, 84]);
  assertEquals(packet.fragment, undefined);
});

Deno.test("parseIpv4() skips options and ignores padding behind the total length", () => {
  assertEquals(parseIpv4(captured.PING4_RECORD_ROUTE).payloadOffset, 60);
  const padded = new Uint8Array(100).fill(0xee);
  padded.set(captured.PING4);
  assertEquals(parseIpv4(padded).payloadEnd, 84);
});

Deno.test("parseIpv4() reads the fragments of a kernel", () => {
  const first = parseIpv4(captured.PING4_FIRST_FRAGMENT).fragment;
  assertEquals(first, { identification: 0xe864, offset: 0, hasMore: true });
  const last = parseIpv4(captured.PING4_LAST_FRAGMENT).fragment;
  assertEquals(last, { identification: 0xe864, offset: 1376, hasMore: false });
});

Deno.test("parseIpv4() rejects a total length below the header length", () => {
  assertThrows(
    () => parseIpv4(changed({ 3: 19 })),
    PacketError,
    "total length 19 is below the header length 20",
  );
});

Deno.test("parseIpv4() rejects every truncation", () => {
  for (let size = 0; size < captured.PING4.length; size++) {
    assertThrows(() => parseIpv4(captured.PING4.subarray(0, size)), PacketError);
  }
});

Deno.test("parseIpv4() rejects other versions, short header lengths and wrong checksums", () => {
  assertThrows(() => parseIpv4(changed({ 0: 0x55 })), PacketError, "IP version 5");
  assertThrows(() => parseIpv4(changed({ 0: 0x44 })), PacketError, "header length 16 is below 20");
  const wrong = captured.PING4.slice();
  wrong[IPV4_TTL]--;
  assertThrows(() => parseIpv4(wrong), PacketError, "wrong header checksum");
});

Deno.test("parseIpv4() rejects fragments that no sender can mean", () => {
  assertThrows(() => parseIpv4(changed({ 6: 0x20, 3: 83 })), PacketError, "no multiple of 8");
  assertThrows(() => parseIpv4(changed({ 6: 0x20, 3: 20 })), PacketError, "without data");
  assertThrows(() => parseIpv4(changed({ 6: 0x1f, 7: 0xff })), PacketError, "above 65535");
  // With its header of 20 bytes, of which each fragment has one, the datagram would have 65536.
  assertThrows(() => parseIpv4(changed({ 3: 24, 6: 0x1f, 7: 0xfd })), PacketError, "above 65535");
  assertEquals(parseIpv4(changed({ 3: 23, 6: 0x1f, 7: 0xfd })).fragment?.offset, 65512);
});

Deno.test("writeIpv4Header() writes what parseIpv4() reads, over dirty memory", () => {
  const target = new Uint8Array(36).fill(0xee);
  const source = parseIpAddress("10.6.7.8");
  const destination = parseIpAddress("10.6.7.7");
  writeIpv4Header(target, {
    source,
    destination,
    protocol: 17,
    ttl: 3,
    payloadLength: 16,
    identification: 0xbeef,
  });
  assertEquals(target.subarray(0, 10), Uint8Array.of(0x45, 0, 0, 36, 0xbe, 0xef, 0, 0, 3, 17));
  const packet = parseIpv4(target);
  assertEquals([packet.source, packet.destination], [source, destination]);
  assertEquals([packet.hopLimit, packet.protocol, packet.fragment], [3, 17, undefined]);
  assertEquals(target.subarray(20), new Uint8Array(16).fill(0xee));
});
