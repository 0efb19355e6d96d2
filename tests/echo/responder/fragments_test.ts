import { assertEquals } from "@std/assert";
import { IGNORED, MALFORMED, REPLY, type Verdict } from "../../../src/echo/responder/responder.ts";
import { internetChecksum } from "../../../src/wire/checksum.ts";
import { parseIp } from "../../../src/wire/ip.ts";
import { formatIpAddress, parseIpAddress } from "../../../src/wire/ip_address.ts";
import { buildUdp } from "../../wire/udp_datagram.ts";
import * as captured from "../../testdata/captured_packets.ts";
import { addressed, changed, respond, verdictOf } from "./harness.ts";

Deno.test("both fragments of a real ping -4 -s 2000 are answered, and make up one right echo reply", () => {
  const [first, last] = respond([captured.PING4_FIRST_FRAGMENT, captured.PING4_LAST_FRAGMENT]);
  assertEquals([first.verdict, last.verdict], [REPLY, REPLY]);
  assertEquals(parseIp(first.bytes).fragment, parseIp(captured.PING4_FIRST_FRAGMENT).fragment);
  assertEquals(parseIp(last.bytes).fragment, { identification: 0xe864, offset: 1376, hasMore: false });
  const message = Uint8Array.of(...first.bytes.subarray(20), ...last.bytes.subarray(20));
  assertEquals(message.length, 2008);
  assertEquals(message[0], 0);
  assertEquals(internetChecksum(message, 0, message.length), 0);
});

Deno.test("both fragments of a real ping -6 -s 2000 are answered", () => {
  const [first, last] = respond([captured.PING6_FIRST_FRAGMENT, captured.PING6_LAST_FRAGMENT]);
  assertEquals([first.verdict, last.verdict], [REPLY, REPLY]);
  assertEquals(first.bytes[48], 129);
  assertEquals(last.bytes.subarray(40), captured.PING6_LAST_FRAGMENT.subarray(40));
  assertEquals(formatIpAddress(parseIp(last.bytes).source), "fd00:6:7::9");
});

Deno.test("a later fragment is ignored unless its first fragment was answered", () => {
  const isReply = changed(captured.PING4_FIRST_FRAGMENT, { 20: 0 });
  const isReply6 = captured.PING6_FIRST_FRAGMENT.slice();
  isReply6[48] = 129;
  const { PING4_FIRST_FRAGMENT: first, PING4_LAST_FRAGMENT: last } = captured;
  const { PING6_FIRST_FRAGMENT: first6, PING6_LAST_FRAGMENT: last6 } = captured;
  const verdicts = (...packets: Uint8Array[]): Verdict[] => respond(packets).map(({ verdict }) => verdict);
  assertEquals(verdicts(last, first), [IGNORED, REPLY]);
  assertEquals(verdicts(last6, first6), [IGNORED, REPLY]);
  assertEquals(verdicts(isReply, last), [IGNORED, IGNORED]);
  assertEquals(verdicts(isReply6, last6), [IGNORED, IGNORED]);
  // The same identification, used again for something that is no request.
  assertEquals(verdicts(first, isReply, last), [REPLY, IGNORED, IGNORED]);
  assertEquals(verdicts(first6, isReply6, last6), [REPLY, IGNORED, IGNORED]);
  // Identification, protocol or an address of another datagram.
  assertEquals(verdicts(first, changed(last, { 5: 0x65 })), [REPLY, IGNORED]);
  assertEquals(verdicts(first, changed(last, { 9: 17 })), [REPLY, IGNORED]);
  assertEquals(verdicts(first, addressed(last, "10.6.7.8", "10.6.7.9")), [REPLY, IGNORED]);
  assertEquals(verdicts(first, addressed(last, "10.6.7.7", "10.6.7.10")), [REPLY, IGNORED]);
  assertEquals(verdicts(first6, changed(last6, { 44: 0 })), [REPLY, IGNORED]);
  assertEquals(verdicts(first6, addressed(last6, "fd00:6:7::7", "fd00:6:7::a")), [REPLY, IGNORED]);
});

Deno.test("a first fragment of UDP may have a UDP length that counts what is still to come", () => {
  const datagram = buildUdp({
    source: parseIpAddress("10.6.7.7"),
    destination: parseIpAddress("10.6.7.9"),
    sourcePort: 40000,
    destinationPort: 4000,
    payload: new Uint8Array(32),
  });
  const first = changed(datagram.slice(0, 44), { 3: 44, 6: 0x20 });
  const last = changed(Uint8Array.of(...datagram.subarray(0, 20), ...datagram.subarray(44)), { 3: 36, 7: 3 });
  const [a, b] = respond([first, last]);
  assertEquals([a.verdict, b.verdict], [REPLY, REPLY]);
  assertEquals(a.bytes.subarray(20, 24), Uint8Array.of(4000 >> 8, 4000 & 0xff, 40000 >> 8, 40000 & 0xff));
  // A fragment is not a whole datagram, and its UDP length still cannot be below 8.
  assertEquals(verdictOf(changed(first, { 6: 0 })), MALFORMED);
  assertEquals(verdictOf(changed(first, { 25: 7 })), MALFORMED);
});

Deno.test("fragments without data, of odd length with more to come, or ending above 65535 are malformed", () => {
  const first = captured.PING4_FIRST_FRAGMENT;
  const last = captured.PING4_LAST_FRAGMENT;
  assertEquals(verdictOf(changed(last.slice(0, 20), { 2: 0, 3: 20 })), MALFORMED);
  assertEquals(verdictOf(changed(first.slice(0, 27), { 2: 0, 3: 27 })), MALFORMED);
  assertEquals(verdictOf(changed(last, { 6: 0x1f, 7: 0xff })), MALFORMED);
  const first6 = captured.PING6_FIRST_FRAGMENT;
  const last6 = captured.PING6_LAST_FRAGMENT;
  assertEquals(verdictOf(changed(last6.slice(0, 48), { 4: 0, 5: 8 })), MALFORMED);
  assertEquals(verdictOf(changed(last6.slice(0, 47), { 4: 0, 5: 7 })), MALFORMED);
  assertEquals(verdictOf(changed(first6.slice(0, 60), { 4: 0, 5: 20 })), MALFORMED);
  assertEquals(verdictOf(changed(last6, { 42: 0xff, 43: 0xf8 })), MALFORMED);
});
