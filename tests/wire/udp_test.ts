import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseIp } from "../../src/wire/ip.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { PacketError, readUint16 } from "../../src/wire/packet.ts";
import { buildUdp, parseUdp } from "./udp_datagram.ts";
import * as captured from "../testdata/captured_packets.ts";

const HELLO = new TextEncoder().encode("hello wintun");

Deno.test("buildUdp() builds the very datagrams that a kernel sent", () => {
  const ports = { sourcePort: 40000, destinationPort: 7, payload: HELLO };
  const v4 = buildUdp({
    source: parseIpAddress("10.6.7.7"),
    destination: parseIpAddress("10.6.7.9"),
    ...ports,
  });
  assertEquals(v4.subarray(12), captured.UDP4.subarray(12));
  const v6 = buildUdp({
    source: parseIpAddress("fd00:6:7::7"),
    destination: parseIpAddress("fd00:6:7::9"),
    ...ports,
  });
  assertEquals(v6.subarray(4), captured.UDP6.subarray(4));
});

Deno.test("buildUdp() sends a checksum that comes out as 0 as 0xffff", () => {
  const fields = {
    source: parseIpAddress("10.6.7.7"),
    destination: parseIpAddress("10.6.7.9"),
    destinationPort: 7,
  };
  const first = buildUdp({ ...fields, sourcePort: 0, payload: new Uint8Array(0) });
  // Adding the checksum to a word of the datagram makes the new one come out as zero.
  const built = buildUdp({ ...fields, sourcePort: readUint16(first, 26), payload: new Uint8Array(0) });
  assertEquals(readUint16(built, 26), 0xffff);
  assert(parseUdp(built, parseIp(built)));
});

Deno.test("parseUdp() reads ports and payload, and stops at the UDP length", () => {
  const padded = new Uint8Array(64).fill(0xee);
  padded.set(captured.UDP4);
  const datagram = parseUdp(padded, parseIp(padded));
  assertEquals([datagram?.sourcePort, datagram?.destinationPort], [40000, 7]);
  assertEquals(datagram?.payload, HELLO);
});

Deno.test("parseUdp() takes no checksum over IPv4 and rejects it over IPv6", () => {
  const v4 = captured.UDP4.slice();
  v4.fill(0, 26, 28);
  assertEquals(parseUdp(v4, parseIp(v4))?.sourcePort, 40000);
  const v6 = captured.UDP6.slice();
  v6.fill(0, 46, 48);
  assertThrows(() => parseUdp(v6, parseIp(v6)), PacketError, "without a checksum");
});

Deno.test("parseUdp() rejects wrong lengths and checksums", () => {
  for (const length of [7, 21]) {
    const wrong = captured.UDP4.slice();
    wrong[25] = length;
    assertThrows(() => parseUdp(wrong, parseIp(wrong)), PacketError, `UDP length ${length} does not fit`);
  }
  const wrong = captured.UDP6.slice();
  wrong[59] ^= 1;
  assertThrows(() => parseUdp(wrong, parseIp(wrong)), PacketError, "wrong UDP checksum");
});

Deno.test("parseUdp() gives undefined for other protocols", () => {
  assertEquals(parseUdp(captured.TCP4_SYN, parseIp(captured.TCP4_SYN)), undefined);
});
