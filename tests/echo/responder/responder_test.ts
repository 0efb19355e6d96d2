import { assert, assertEquals, assertThrows } from "@std/assert";
import { internetChecksum } from "../../../src/wire/checksum.ts";
import { buildIcmpEchoRequest } from "../../../src/wire/icmp.ts";
import { parseIcmpEcho } from "../../wire/icmp_echo.ts";
import { parseIp } from "../../../src/wire/ip.ts";
import { formatIpAddress, parseIpAddress } from "../../../src/wire/ip_address.ts";
import { writeUint16 } from "../../../src/wire/packet.ts";
import { buildUdp, parseUdp } from "../../wire/udp_datagram.ts";
import * as captured from "../../testdata/captured_packets.ts";
import {
  addressed,
  changed,
  createTestResponder,
  extended,
  fixHeaderChecksum,
  IGNORED,
  MALFORMED,
  noHost,
  REPLY,
  replyTo,
  respond,
  verdictOf,
} from "./harness.ts";

Deno.test("a real ping -4 gets its reply: addresses swapped, TTL 64, type 0, both checksums right", () => {
  const reply = replyTo(captured.PING4);
  const packet = parseIp(reply);
  assertEquals(formatIpAddress(packet.source), "10.6.7.9");
  assertEquals(formatIpAddress(packet.destination), "10.6.7.7");
  assertEquals(packet.hopLimit, 64);
  const echo = parseIcmpEcho(reply, packet);
  assert(echo && !echo.isRequest);
  assertEquals(echo.identifier, 0x554e);
  assertEquals(echo.sequence, 1);
  // The TTL was 64 already: only addresses, type and ICMP checksum may differ from the request.
  const expected = addressed(captured.PING4, "10.6.7.9", "10.6.7.7");
  expected[20] = 0;
  writeUint16(expected, 22, 0x6b61 + 0x0800);
  assertEquals(reply, expected);
});

Deno.test("a real ping -6 gets its reply", () => {
  const reply = replyTo(captured.PING6);
  const packet = parseIp(reply);
  assertEquals(formatIpAddress(packet.source), "fd00:6:7::9");
  assertEquals(formatIpAddress(packet.destination), "fd00:6:7::7");
  assertEquals(packet.hopLimit, 64);
  assertEquals(parseIcmpEcho(reply, packet)?.isRequest, false);
  assertEquals(reply.subarray(44), captured.PING6.subarray(44));
});

Deno.test("TTL and hop limit become 64 from any value, and the header checksum follows", () => {
  for (const ttl of [0, 1, 63, 64, 65, 128, 255]) {
    assertEquals(parseIp(replyTo(changed(captured.PING4, { 8: ttl }))).hopLimit, 64);
    assertEquals(parseIp(replyTo(changed(captured.PING6, { 7: ttl }))).hopLimit, 64);
  }
});

Deno.test("the header checksum is right at every value of the identification and TTLs above and below 64", () => {
  const memory = new Uint8Array(256);
  const { responder } = createTestResponder(memory);
  for (const ttl of [0, 63, 65, 255]) {
    for (let identification = 0; identification < 65536; identification++) {
      memory.set(captured.PING4);
      memory[8] = ttl;
      writeUint16(memory, 4, identification);
      fixHeaderChecksum(memory);
      if (responder(0, 84) !== 84 || internetChecksum(memory, 0, 20) !== 0) {
        throw new Error(`wrong at identification ${identification}, TTL ${ttl}`);
      }
    }
  }
});

Deno.test("the ICMP checksum is right at every value of the identifier, all-zero replies included", () => {
  const source = parseIpAddress("10.6.7.8");
  const destination = parseIpAddress("10.6.7.7");
  const source6 = parseIpAddress("fd00::8");
  const destination6 = parseIpAddress("fd00::7");
  const memory = new Uint8Array(256);
  const { responder } = createTestResponder(memory);
  const packet = buildIcmpEchoRequest({ source, destination, identifier: 0, sequence: 0 });
  const packet6 = buildIcmpEchoRequest({
    source: source6,
    destination: destination6,
    identifier: 0,
    sequence: 0,
  });
  for (let identifier = 0; identifier < 65536; identifier++) {
    for (const request of [packet, packet6]) {
      const at = request === packet ? 20 : 40;
      memory.set(request);
      writeUint16(memory, at + 4, identifier);
      // Over an IPv6 pseudo-header the sum is that of the request before, less the old identifier 0.
      const sum = (~(request[at + 2] << 8 | request[at + 3]) & 0xffff) + identifier;
      writeUint16(memory, at + 2, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
      if (responder(0, request.length) !== request.length) {
        throw new Error(`no reply at identifier ${identifier}`);
      }
      const reply = memory.subarray(0, request.length);
      if (!parseIcmpEcho(reply, parseIp(reply))) throw new Error("no echo");
    }
  }
});

Deno.test("an all-zero ICMP reply has the checksum 0xffff, the only one that verifies (RFC 1624)", () => {
  for (const size of [0, 1, 2, 3, 4, 56]) {
    const request = buildIcmpEchoRequest({
      source: parseIpAddress("10.6.7.8"),
      destination: parseIpAddress("10.6.7.7"),
      identifier: 0,
      sequence: 0,
      payload: new Uint8Array(size),
    });
    assertEquals(replyTo(request).subarray(20, 24), Uint8Array.of(0, 0, 0xff, 0xff));
    // Not all zero: 0 is the usual form.
    if (size === 0) continue;
    const payload = new Uint8Array(size + 4).fill(0xff, size & ~1, (size & ~1) + 2);
    const other = buildIcmpEchoRequest({
      source: parseIpAddress("10.6.7.8"),
      destination: parseIpAddress("10.6.7.7"),
      identifier: 0,
      sequence: 0,
      payload,
    });
    assertEquals(replyTo(other).subarray(20, 24), Uint8Array.of(0, 0, 0, 0));
  }
});

Deno.test("real UDP is answered over both families, ports swapped, payload and checksum as they came", () => {
  for (const request of [captured.UDP4, captured.UDP6]) {
    const before = parseIp(request);
    const reply = replyTo(request);
    const packet = parseIp(reply);
    assertEquals(packet.source, before.destination);
    assertEquals(packet.destination, before.source);
    const datagram = parseUdp(reply, packet);
    assertEquals(datagram?.sourcePort, 7);
    assertEquals(datagram?.destinationPort, 40000);
    assertEquals(new TextDecoder().decode(datagram?.payload), "hello wintun");
    assertEquals(reply.subarray(-14), request.subarray(-14));
  }
});

Deno.test("UDP without a checksum is answered over IPv4 and malformed over IPv6 (RFC 8200 section 8.1)", () => {
  assertEquals(replyTo(changed(captured.UDP4, { 26: 0, 27: 0 })).subarray(26, 28), Uint8Array.of(0, 0));
  assertEquals(verdictOf(changed(captured.UDP6, { 46: 0, 47: 0 })), MALFORMED);
});

Deno.test("UDP length must be 8 or more and fit the packet; less than the packet is allowed", () => {
  for (const length of [0, 1, 7, 21, 0xffff]) {
    assertEquals(verdictOf(changed(captured.UDP4, { 24: length >> 8, 25: length & 0xff })), MALFORMED);
    assertEquals(verdictOf(changed(captured.UDP6, { 44: length >> 8, 45: length & 0xff })), MALFORMED);
  }
  for (const length of [8, 19, 20]) {
    const request = changed(captured.UDP4, { 24: 0, 25: length });
    assertEquals(replyTo(request).subarray(28), request.subarray(28));
  }
});

Deno.test("UDP from or to port 0 is ignored", () => {
  assertEquals(verdictOf(changed(captured.UDP4, { 20: 0, 21: 0 })), IGNORED);
  assertEquals(verdictOf(changed(captured.UDP4, { 22: 0, 23: 0 })), IGNORED);
  assertEquals(verdictOf(changed(captured.UDP6, { 42: 0, 43: 0 })), IGNORED);
});

Deno.test("UDP from a port that answers by itself is ignored, so that two echo services never loop", () => {
  for (const port of [7, 13, 17, 19, 37]) {
    assertEquals(verdictOf(changed(captured.UDP4, { 20: 0, 21: port })), IGNORED);
    assertEquals(verdictOf(changed(captured.UDP6, { 40: 0, 41: port })), IGNORED);
  }
  for (const port of [1, 8, 18, 36, 38, 53]) {
    assertEquals(verdictOf(changed(captured.UDP4, { 20: 0, 21: port })), REPLY);
  }
  // The high byte counts: 0x0107 is not 7.
  assertEquals(verdictOf(changed(captured.UDP4, { 20: 1, 21: 7 })), REPLY);
  assertEquals(verdictOf(replyTo(captured.UDP4)), IGNORED);
});

Deno.test("what is switched off is ignored", () => {
  assertEquals(verdictOf(captured.PING4, { icmp: false, udp: true }), IGNORED);
  assertEquals(verdictOf(captured.PING6, { icmp: false, udp: true }), IGNORED);
  assertEquals(verdictOf(captured.UDP4, { icmp: true, udp: false }), IGNORED);
  assertEquals(verdictOf(captured.UDP6, { icmp: true, udp: false }), IGNORED);
  assertEquals(verdictOf(captured.PING4, { icmp: true, udp: false }), REPLY);
});

Deno.test("an echo reply, an ICMP error, a code that is not 0, TCP and MLD are ignored", () => {
  assertEquals(verdictOf(replyTo(captured.PING4)), IGNORED);
  assertEquals(verdictOf(replyTo(captured.PING6)), IGNORED);
  for (let type = 0; type < 256; type++) {
    assertEquals(verdictOf(changed(captured.PING4, { 20: type })), type === 8 ? REPLY : IGNORED);
    assertEquals(verdictOf(changed(captured.PING6, { 40: type })), type === 128 ? REPLY : IGNORED);
  }
  assertEquals(verdictOf(changed(captured.PING4, { 21: 1 })), IGNORED);
  assertEquals(verdictOf(changed(captured.PING6, { 41: 1 })), IGNORED);
  assertEquals(verdictOf(captured.TCP4_SYN), IGNORED);
  assertEquals(verdictOf(captured.MLD_REPORT), IGNORED);
});

Deno.test("ICMP of the other family is ignored", () => {
  assertEquals(verdictOf(changed(captured.PING4, { 9: 58, 20: 128 })), IGNORED);
  assertEquals(verdictOf(changed(captured.PING6, { 6: 1, 40: 8 })), IGNORED);
});

Deno.test("IPv4 addresses that must not be answered are ignored, as source and as destination", () => {
  const wrong = ["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "224.0.0.1", "239.1.2.3", "240.0.0.1"];
  wrong.push("255.255.255.255", "10.6.7.255");
  for (const address of wrong) {
    for (const packet of [captured.PING4, captured.UDP4]) {
      assertEquals(verdictOf(addressed(packet, address, "10.6.7.9")), IGNORED, `from ${address}`);
      assertEquals(verdictOf(addressed(packet, "10.6.7.7", address)), IGNORED, `to ${address}`);
    }
  }
  assertEquals(verdictOf(addressed(captured.PING4, "10.6.7.7", "10.6.7.7")), IGNORED);
  assertEquals(verdictOf(addressed(captured.PING4, "223.255.255.255", "1.0.0.1")), REPLY);
  assertEquals(verdictOf(captured.PING4_BROADCAST), IGNORED);
  assertEquals(
    verdictOf(captured.PING4_BROADCAST, { icmp: true, udp: true }),
    REPLY,
    "not known as broadcast",
  );
});

Deno.test("addresses of no host are ignored, as source and as destination, others with such a last byte are not", () => {
  const noHosts = ["10.6.7.0", "10.6.7.255", "192.168.255.255", "10.6.7.247", "fd00:6:7::", "::100"];
  const options = { icmp: true, udp: true, noHosts: noHosts.map(noHost) };
  for (const address of noHosts) {
    const [ping, other] = address.includes(":") ? [captured.PING6, "fd00::7"] : [captured.PING4, "10.6.7.7"];
    assertEquals(verdictOf(addressed(ping, other, address), options), IGNORED, `to ${address}`);
    assertEquals(verdictOf(addressed(ping, address, other), options), IGNORED, `from ${address}`);
  }
  for (const address of ["10.6.8.0", "10.6.8.255", "11.6.7.247"]) {
    assertEquals(verdictOf(addressed(captured.PING4, "10.6.7.7", address), options), REPLY, address);
  }
  for (const address of ["fd00:6:7::1", "fd00:6:8::", "fd00:6:7:0:1::", "::101"]) {
    assertEquals(verdictOf(addressed(captured.PING6, "fd00::7", address), options), REPLY, address);
  }
  assertEquals(verdictOf(addressed(captured.PING4, "10.6.7.7", "192.168.255.254"), options), REPLY);
});

Deno.test("IPv6 addresses that must not be answered are ignored, as source and as destination", () => {
  for (const address of ["::", "::1", "ff02::1", "ff0e::1", "::ffff:10.6.7.8"]) {
    assertEquals(verdictOf(addressed(captured.PING6, address, "fd00::9")), IGNORED, `from ${address}`);
    assertEquals(verdictOf(addressed(captured.PING6, "fd00::7", address)), IGNORED, `to ${address}`);
  }
  assertEquals(verdictOf(addressed(captured.PING6, "fd00::7", "fd00::7")), IGNORED);
  for (const address of ["fe80::1", "::2", "::1:0:0", "0:0:0:1::", "64:ff9b::a06:708"]) {
    assertEquals(verdictOf(addressed(captured.PING6, address, "fd00::9")), REPLY, `from ${address}`);
  }
});

Deno.test("every truncation of a packet is malformed", () => {
  const packets = [captured.PING4, captured.PING6, captured.UDP4, captured.UDP6, captured.PING4_RECORD_ROUTE];
  for (const packet of packets) {
    for (let size = 0; size < packet.length; size++) {
      assertEquals(verdictOf(packet.slice(0, size)), MALFORMED, `${size} of ${packet.length} bytes`);
    }
  }
});

Deno.test("a message too short for its header is malformed even if all IP lengths agree", () => {
  for (let length = 0; length < 8; length++) {
    for (const packet of [captured.PING4, captured.UDP4]) {
      assertEquals(verdictOf(changed(packet.slice(0, 20 + length), { 3: 20 + length })), MALFORMED);
    }
    for (const packet of [captured.PING6, captured.UDP6]) {
      assertEquals(verdictOf(changed(packet.slice(0, 40 + length), { 5: length })), MALFORMED);
    }
  }
});

Deno.test("IP versions other than 4 and 6 are malformed", () => {
  for (let version = 0; version < 16; version++) {
    const expected = version === 4 ? REPLY : MALFORMED;
    assertEquals(verdictOf(changed(captured.PING4, { 0: version << 4 | 5 })), expected, `version ${version}`);
  }
});

Deno.test("header lengths below 20 or above the total length, and lying total lengths, are malformed", () => {
  for (const words of [0, 1, 4]) {
    assertEquals(verdictOf(changed(captured.PING4, { 0: 0x40 | words })), MALFORMED);
  }
  assertEquals(verdictOf(changed(captured.PING4.slice(0, 60), { 0: 0x4f, 3: 59 })), MALFORMED);
  for (const length of [0, 19, 85, 0xffff]) {
    assertEquals(verdictOf(changed(captured.PING4, { 2: length >> 8, 3: length & 0xff })), MALFORMED);
  }
  assertEquals(verdictOf(changed(captured.PING6, { 5: 65 })), MALFORMED);
});

Deno.test("a wrong IPv4 header checksum is malformed", () => {
  for (let bit = 0; bit < 160; bit++) {
    const packet = captured.PING4.slice();
    packet[bit >> 3] ^= 1 << (bit & 7);
    assertEquals(verdictOf(packet), MALFORMED, `bit ${bit}`);
  }
});

Deno.test("a request whose ICMP, ICMPv6 or UDP checksum is wrong is malformed, whichever bit of it is wrong", () => {
  const requests = [
    [captured.PING4, 24],
    [captured.PING6, 44],
    [captured.UDP4, 28],
    [captured.UDP6, 48],
    [captured.PING4_RECORD_ROUTE, 64],
    [extended(captured.PING6, 60, [58, 0, 1, 4, 0, 0, 0, 0]), 52],
  ] as const;
  for (const [request, payload] of requests) {
    for (let bit = 8 * payload; bit < 8 * request.length; bit++) {
      const packet = request.slice();
      packet[bit >> 3] ^= 1 << (bit & 7);
      assertEquals(verdictOf(packet), MALFORMED, `bit ${bit}`);
    }
    const packet = request.slice();
    // The checksum itself, one too high.
    packet[payload - 1] ^= 1;
    assertEquals(verdictOf(packet), MALFORMED);
  }
});

Deno.test("checksums are verified at every length of a message", () => {
  for (const [source, destination] of [["10.6.7.8", "10.6.7.7"], ["fd00::8", "fd00::7"]]) {
    for (const size of [...Array(70).keys(), 1400, 1401, 1402, 1403, 65000]) {
      const ends = { source: parseIpAddress(source), destination: parseIpAddress(destination) };
      const payload = Uint8Array.from({ length: size }, (_, index) => 0xff - index % 7);
      const ping = buildIcmpEchoRequest({ ...ends, identifier: 1, sequence: 2, payload });
      const datagram = buildUdp({ ...ends, sourcePort: 4000, destinationPort: 7000, payload });
      for (const request of [ping, datagram]) {
        assertEquals(verdictOf(request), REPLY, `${size} bytes`);
        request[request.length - 1] ^= 0x10;
        assertEquals(verdictOf(request), MALFORMED, `${size} bytes`);
      }
    }
  }
});

Deno.test("the UDP checksum covers what the UDP length says, not what lies behind it in the packet", () => {
  const request = changed(captured.UDP4, { 24: 0, 25: 19 });
  assertEquals(verdictOf(request), REPLY);
  request[27 + 12] ^= 0xff;
  assertEquals(verdictOf(request), REPLY);
  request[27 + 11] ^= 0xff;
  assertEquals(verdictOf(request), MALFORMED);
});

Deno.test("a wrong checksum stays wrong while checksums are not verified, and other damage is malformed as ever", () => {
  for (const [request, at] of [[captured.PING4, 30], [captured.PING6, 50], [captured.UDP4, 30]] as const) {
    const wrong = request.slice();
    wrong[at] ^= 1;
    const [{ verdict, bytes }] = respond([wrong], { verifies: false });
    assertEquals(verdict, REPLY);
    assertThrows(
      () => parseIcmpEcho(bytes, parseIp(bytes)) ?? parseUdp(bytes, parseIp(bytes)),
      Error,
      "checksum",
    );
    assertEquals(respond([request.slice(0, -1)], { verifies: false })[0].verdict, MALFORMED);
  }
});

Deno.test("what lies behind the IP datagram is not part of the reply", () => {
  for (const request of [captured.PING4, captured.PING6, captured.UDP6, captured.PING4_RECORD_ROUTE]) {
    const padded = new Uint8Array(request.length + 7).fill(0x77);
    padded.set(request);
    assertEquals(replyTo(padded), replyTo(request));
  }
});

Deno.test("source-routed packets are ignored, and options that overrun the header are malformed", () => {
  const packet = captured.PING4_RECORD_ROUTE;
  assertEquals(packet.subarray(20, 23), Uint8Array.of(1, 7, 39));
  assertEquals(verdictOf(changed(packet, { 21: 131 })), IGNORED);
  assertEquals(verdictOf(changed(packet, { 21: 137 })), IGNORED);
  for (const length of [0, 1, 40, 255]) assertEquals(verdictOf(changed(packet, { 22: length })), MALFORMED);
  // An option type as the last byte, its length outside the header.
  assertEquals(verdictOf(changed(packet, { 22: 38, 59: 7 })), MALFORMED);
  // Bytes behind the end of the list are ignored.
  assertEquals(verdictOf(changed(packet, { 20: 0, 21: 131 })), REPLY);
});

Deno.test("a packet of 65535 bytes is answered", () => {
  const request = buildIcmpEchoRequest({
    source: parseIpAddress("10.6.7.8"),
    destination: parseIpAddress("10.6.7.7"),
    identifier: 1,
    sequence: 2,
    payload: new Uint8Array(65535 - 28).fill(0x5a),
  });
  const reply = replyTo(request);
  assertEquals(parseIcmpEcho(reply, parseIp(reply))?.sequence, 2);
});

Deno.test("a packet at the very end of the memory is answered, also with an odd size", () => {
  const request = buildIcmpEchoRequest({
    source: parseIpAddress("10.6.7.8"),
    destination: parseIpAddress("10.6.7.7"),
    identifier: 0,
    sequence: 0,
    payload: new Uint8Array(3),
  });
  const memory = new Uint8Array(new SharedArrayBuffer(96), 32, 64);
  memory.set(request, 32);
  assertEquals(createTestResponder(memory).responder(32, request.length), request.length);
  const reply = memory.slice(32, 32 + request.length);
  assertEquals(parseIcmpEcho(reply, parseIp(reply))?.isRequest, false);
});

Deno.test("createResponder() refuses memory that is not aligned to 4 bytes", () => {
  assertThrows(() => createTestResponder(new Uint8Array(new ArrayBuffer(64), 2, 60)), RangeError);
  assertThrows(() => createTestResponder(new Uint8Array(63)), RangeError);
});
