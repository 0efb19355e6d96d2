import { assert, assertEquals, assertThrows } from "@std/assert";
import { buildIcmpEchoRequest } from "../../src/wire/icmp.ts";
import { parseIcmpEcho } from "./icmp_echo.ts";
import { parseIp } from "../../src/wire/ip.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { PacketError } from "../../src/wire/packet.ts";
import * as captured from "../testdata/captured_packets.ts";

Deno.test("buildIcmpEchoRequest() builds the very bytes that ping -4 sent, but for what ping did not choose", () => {
  const built = buildIcmpEchoRequest({
    source: parseIpAddress("10.6.7.7"),
    destination: parseIpAddress("10.6.7.9"),
    identifier: 0x554e,
    sequence: 1,
    payload: captured.PING4.subarray(28),
    identification: 0xe849,
  });
  // Linux sets "don't fragment"; the header checksum differs by just that bit.
  assertEquals([captured.PING4[6], built[6]], [0x40, 0]);
  assertEquals(captured.PING4[10] + 0x40, built[10]);
  assertEquals(built.subarray(11), captured.PING4.subarray(11));
});

Deno.test("buildIcmpEchoRequest() builds the very bytes that ping -6 sent, but for the flow label", () => {
  const built = buildIcmpEchoRequest({
    source: parseIpAddress("fd00:6:7::7"),
    destination: parseIpAddress("fd00:6:7::9"),
    identifier: 0x5550,
    sequence: 1,
    payload: captured.PING6.subarray(48),
  });
  assertEquals(built.subarray(4), captured.PING6.subarray(4));
});

Deno.test("buildIcmpEchoRequest() refuses what does not fit a packet, and mixed families", () => {
  const v4 = { source: parseIpAddress("10.6.7.7"), destination: parseIpAddress("10.6.7.9") };
  const echo = { identifier: 1, sequence: 1 };
  assertEquals(buildIcmpEchoRequest({ ...v4, ...echo, payload: new Uint8Array(65507) }).length, 65535);
  assertThrows(() => buildIcmpEchoRequest({ ...v4, ...echo, payload: new Uint8Array(65508) }), RangeError);
  assertThrows(
    () => buildIcmpEchoRequest({ ...v4, ...echo, destination: parseIpAddress("::1") }),
    RangeError,
  );
});

Deno.test("parseIcmpEcho() reads requests and replies of both families", () => {
  const echo = parseIcmpEcho(captured.PING4, parseIp(captured.PING4));
  assert(echo);
  assertEquals([echo.isRequest, echo.identifier, echo.sequence, echo.payload.length], [true, 0x554e, 1, 56]);
  assertEquals(parseIcmpEcho(captured.PING6, parseIp(captured.PING6))?.identifier, 0x5550);
  const reply = captured.PING4.slice();
  reply[20] = 0;
  reply[22] += 8;
  assertEquals(parseIcmpEcho(reply, parseIp(reply))?.isRequest, false);
});

Deno.test("parseIcmpEcho() gives undefined for what is no whole echo message", () => {
  const others = [captured.PORT_UNREACHABLE4, captured.PORT_UNREACHABLE6, captured.UDP4, captured.TCP4_SYN];
  others.push(captured.PING4_FIRST_FRAGMENT, captured.PING6_LAST_FRAGMENT, captured.MLD_REPORT);
  for (const packet of others) assertEquals(parseIcmpEcho(packet, parseIp(packet)), undefined);
});

Deno.test("parseIcmpEcho() rejects a wrong checksum anywhere in the message", () => {
  for (const request of [captured.PING4, captured.PING6]) {
    for (let at = parseIp(request).payloadOffset; at < request.length; at++) {
      const wrong = request.slice();
      wrong[at] ^= 0x10;
      assertThrows(() => parseIcmpEcho(wrong, parseIp(wrong)), PacketError, "wrong ICMP checksum");
    }
  }
});
