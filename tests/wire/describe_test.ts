import { assertEquals, assertStringIncludes } from "@std/assert";
import { describe } from "../../src/wire/describe.ts";
import { buildIcmpEchoRequest } from "../../src/wire/icmp.ts";
import { buildIp } from "../../src/wire/ip.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { buildUdp } from "./udp_datagram.ts";
import * as captured from "../testdata/captured_packets.ts";

const V4 = { source: parseIpAddress("10.6.7.8"), destination: parseIpAddress("10.6.7.7") };
const V6 = { source: parseIpAddress("fd00::8"), destination: parseIpAddress("fd00::7") };

Deno.test("describe() gives an echo request as addresses, identifier, sequence, TTL and length", () => {
  const request = buildIcmpEchoRequest({ ...V4, identifier: 7, sequence: 1, payload: new Uint8Array(56) });
  assertEquals(describe(request), "10.6.7.8 > 10.6.7.7 ICMP echo request id 7 seq 1 ttl 64 length 84");
});

Deno.test("describe() names what a kernel sends", () => {
  const expected: [Uint8Array, string][] = [
    [captured.PING4, "10.6.7.7 > 10.6.7.9 ICMP echo request id 21838 seq 1 ttl 64 length 84"],
    [captured.PING6, "fd00:6:7::7 > fd00:6:7::9 ICMPv6 echo request id 21840 seq 1 hop limit 64 length 104"],
    [
      captured.PING4_FIRST_FRAGMENT,
      "10.6.7.7 > 10.6.7.9 ICMP echo request id 21842 seq 1 fragment id 59492 offset 0 more ttl 64 length 1396",
    ],
    [
      captured.PING4_LAST_FRAGMENT,
      "10.6.7.7 > 10.6.7.9 ICMP fragment id 59492 offset 1376 last ttl 64 length 652",
    ],
    [
      captured.PING6_LAST_FRAGMENT,
      "fd00:6:7::7 > fd00:6:7::9 ICMPv6 fragment id 1239245760 offset 1352 last hop limit 64 length 704",
    ],
    [captured.UDP4, "10.6.7.7:40000 > 10.6.7.9:7 UDP data 12 ttl 64 length 40"],
    [captured.UDP6, "[fd00:6:7::7]:40000 > [fd00:6:7::9]:7 UDP data 12 hop limit 64 length 60"],
    [
      captured.TCP4_SYN,
      "10.6.7.7:55672 > 10.6.7.9:80 TCP SYN seq 361028809 win 65280 data 0 ttl 64 length 60",
    ],
    [
      captured.TCP4_RESET,
      "10.6.7.7:80 > 10.6.7.9:55672 TCP RST,ACK seq 0 ack 361028810 win 0 data 0 ttl 64 length 40",
    ],
    [captured.IGMP_REPORT, "10.6.7.7 > 224.0.0.22 IGMP ttl 1 length 40"],
    [
      captured.MLD_REPORT,
      "fe80::1ba2:d282:b944:351b > ff02::16 ICMPv6 multicast listener report v2 behind hop-by-hop options " +
      "hop limit 1 length 76",
    ],
    [
      captured.ROUTER_SOLICITATION,
      "fe80::601b:3610:9b2:da08 > ff02::2 ICMPv6 router solicitation hop limit 255 length 48",
    ],
    [
      captured.PORT_UNREACHABLE4,
      "10.6.7.7 > 10.6.7.9 ICMP port unreachable for 10.6.7.9 > 10.6.7.7 UDP port 40000 > 7 ttl 64 length 68",
    ],
    [
      captured.PORT_UNREACHABLE6,
      "fd00:6:7::7 > fd00:6:7::9 ICMPv6 port unreachable for fd00:6:7::9 > fd00:6:7::7 UDP port 40000 > 7 " +
      "hop limit 64 length 108",
    ],
  ];
  for (const [packet, line] of expected) assertEquals(describe(packet), line);
});

Deno.test("describe() names neighbor discovery with its target", () => {
  const message = new Uint8Array(24);
  message[0] = 135;
  message.set(V6.destination.bytes, 8);
  assertEquals(
    describe(buildIp({ ...V6, hopLimit: 255 }, 58, message)),
    "fd00::8 > fd00::7 ICMPv6 neighbor solicitation target fd00::7 (wrong checksum) hop limit 255 length 64",
  );
});

Deno.test("describe() names protocols and ICMP types that it knows, and numbers the others", () => {
  assertEquals(describe(buildIp(V4, 47, new Uint8Array(4))), "10.6.7.8 > 10.6.7.7 GRE ttl 64 length 24");
  assertEquals(
    describe(buildIp(V4, 253, new Uint8Array(0))),
    "10.6.7.8 > 10.6.7.7 protocol 253 ttl 64 length 20",
  );
  const icmp = (type: number, code: number): string =>
    describe(buildIp(V4, 1, Uint8Array.of(type, code, 0xff - type, 0xff - code, 0, 0, 0, 0)));
  assertStringIncludes(icmp(3, 0), "ICMP network unreachable ttl");
  assertStringIncludes(icmp(3, 13), "ICMP communication prohibited ttl");
  assertStringIncludes(icmp(3, 99), "ICMP destination unreachable code 99 ttl");
  assertStringIncludes(icmp(11, 0), "ICMP time exceeded in transit ttl");
  assertStringIncludes(icmp(13, 0), "ICMP timestamp request ttl");
  assertStringIncludes(icmp(44, 1), "ICMP type 44 code 1 ttl");
  // ICMP of the other family has no types here.
  assertEquals(describe(buildIp(V4, 58, new Uint8Array(8))), "10.6.7.8 > 10.6.7.7 ICMPv6 ttl 64 length 28");
});

Deno.test("describe() says what is wrong with a packet", () => {
  const withLength = (length: number): Uint8Array => {
    const packet = captured.PING4.slice();
    packet[3] = length;
    return packet;
  };
  const wrongIcmp = captured.PING4.slice();
  wrongIcmp[40] ^= 1;
  const udp = buildUdp({ ...V4, sourcePort: 1, destinationPort: 2, payload: new Uint8Array(4) });
  udp[25] = 99;
  const [unsummed4, unsummed6] = [V4, V6].map((ends) => {
    const packet = buildUdp({ ...ends, sourcePort: 1, destinationPort: 2, payload: new Uint8Array(4) });
    packet.fill(0, packet.length - 6, packet.length - 4);
    return packet;
  });
  const tcp = new Uint8Array(20);
  tcp[12] = 0x40;
  const expected: [Uint8Array, string][] = [
    [new Uint8Array(0), "malformed: empty, length 0"],
    [Uint8Array.of(0x15), "malformed: too short for an IPv4 header, length 1"],
    [new Uint8Array(20), "malformed: IP version 0, length 20"],
    [captured.PING4.slice(0, 83), "malformed: total length 84 is above the 83 bytes there are, length 83"],
    [withLength(19), "malformed: total length 19 is below the header length 20, length 84"],
    [withLength(83), "malformed: wrong header checksum, length 84"],
    [captured.PING6.slice(0, 60), "malformed: payload length 64 is above the 20 bytes there are, length 60"],
    [captured.PING6.slice(0, 39), "malformed: too short for an IPv6 header, length 39"],
    [
      wrongIcmp,
      "10.6.7.7 > 10.6.7.9 ICMP echo request id 21838 seq 1 (wrong checksum) ttl 64 length 84",
    ],
    [
      buildIp(V4, 1, new Uint8Array(7)),
      "10.6.7.8 > 10.6.7.7 ICMP malformed: header of 7 bytes is cut short ttl 64 length 27",
    ],
    [
      udp,
      "10.6.7.8:1 > 10.6.7.7:2 UDP malformed: UDP length 99 does not fit the 12 bytes there are ttl 64 length 32",
    ],
    [
      unsummed6,
      "[fd00::8]:1 > [fd00::7]:2 UDP data 4 (no checksum) hop limit 64 length 52",
    ],
    // Over IPv4 there may be none.
    [unsummed4, "10.6.7.8:1 > 10.6.7.7:2 UDP data 4 ttl 64 length 32"],
    [
      buildIp(V4, 6, tcp),
      "10.6.7.8:0 > 10.6.7.7:0 TCP malformed: header length 16 does not fit the 20 bytes there are ttl 64 length 40",
    ],
  ];
  for (const [packet, line] of expected) assertEquals(describe(packet), line);
});

Deno.test("describe() needs only the start of a packet whose size it is told", () => {
  assertEquals(describe(captured.PING4.subarray(0, 28), 84), describe(captured.PING4));
  assertEquals(describe(captured.UDP6.subarray(0, 48), 60), describe(captured.UDP6));
  assertEquals(describe(captured.TCP4_SYN.subarray(0, 40), 60), describe(captured.TCP4_SYN));
  assertEquals(describe(captured.PING4.subarray(0, 24), 84), "10.6.7.7 > 10.6.7.9 ICMP ttl 64 length 84");
  assertEquals(
    describe(captured.PING4_RECORD_ROUTE.subarray(0, 40), 124),
    "captured only into the IPv4 header, length 124",
  );
  assertEquals(
    describe(captured.MLD_REPORT.subarray(0, 44), 76),
    "captured only into the hop-by-hop options, length 76",
  );
  assertEquals(
    describe(captured.MLD_REPORT.subarray(0, 40), 76),
    "captured only into the hop-by-hop options, length 76",
  );
});

Deno.test("describe() does not call a good packet malformed of which a capture kept less than its header", () => {
  for (const size of [1, 19]) {
    assertEquals(
      describe(captured.PING4.subarray(0, size), 84),
      "captured only into the IPv4 header, length 84",
    );
  }
  assertEquals(
    describe(captured.PING6.subarray(0, 39), 104),
    "captured only into the IPv6 header, length 104",
  );
  assertEquals(describe(Uint8Array.of(0x15), 84), "malformed: IP version 1, length 84");
  assertEquals(
    describe(captured.PING4.subarray(0, 1), 19),
    "malformed: too short for an IPv4 header, length 19",
  );
});

Deno.test("describe() never throws and gives one line, whatever is cut or changed", () => {
  const packets = Object.values(captured);
  for (const packet of packets) {
    for (let size = 0; size <= Math.min(packet.length, 120); size++) {
      const part = packet.slice(0, size);
      for (const line of [describe(part), describe(part, packet.length)]) {
        assertEquals(line.split("\n").length, 1);
      }
    }
    for (let at = 0; at < Math.min(packet.length, 80); at++) {
      for (const value of [0, 1, 44, 59, 60, 0x7f, 0xff]) {
        const changed = packet.slice();
        changed[at] = value;
        assertEquals(describe(changed).split("\n").length, 1);
      }
    }
  }
});
