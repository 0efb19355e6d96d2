import { assertEquals } from "@std/assert";
import { parseIp } from "../../../src/wire/ip.ts";
import { parseIcmpEcho } from "../../wire/icmp_echo.ts";
import * as captured from "../../testdata/captured_packets.ts";
import { changed, fixChecksums, IGNORED, MALFORMED, REPLY, replyTo, respond, verdictOf } from "./harness.ts";

/** Returns PING4 with these options, padded with ends of the list. */
function withOptions(...options: number[]): Uint8Array {
  const length = 4 * Math.ceil(options.length / 4);
  const packet = new Uint8Array(captured.PING4.length + length);
  packet.set(captured.PING4.subarray(0, 20));
  packet.set(options, 20);
  packet.set(captured.PING4.subarray(20), 20 + length);
  packet[0] = 0x40 | 5 + length / 4;
  packet[3] = packet.length;
  fixChecksums(packet);
  return packet;
}

/** Returns the options of the reply, after a check of the rest of it. */
function optionsOfReply(request: Uint8Array): number[] {
  const reply = replyTo(request);
  const packet = parseIp(reply);
  assertEquals(parseIcmpEcho(reply, packet)?.isRequest, false);
  return [...reply.subarray(20, packet.payloadOffset)];
}

const HOST = [10, 6, 7, 9];
/** 01:02:03.004 in milliseconds. */
const TIME = [0, 0x38, 0xce, 0xdc].map((_, index) => 3_723_004 >>> 8 * (3 - index) & 0xff);
const NOTHING = [0, 0, 0, 0];

Deno.test("a real ping -R gets the address that it was sent to in its next free entry", () => {
  const before = [...captured.PING4_RECORD_ROUTE.subarray(20, 60)];
  assertEquals(before.slice(0, 12), [1, 7, 39, 8, 10, 6, 7, 7, 0, 0, 0, 0]);
  const expected = [...before];
  expected.splice(3, 1, 12);
  expected.splice(8, 4, ...HOST);
  assertEquals(optionsOfReply(captured.PING4_RECORD_ROUTE), expected);
});

Deno.test("a Record Route that is full stays as it is, and one with room for a part of an address is malformed", () => {
  const full = [7, 7, 8, 1, 2, 3, 4, 0];
  assertEquals(optionsOfReply(withOptions(...full)), full);
  assertEquals(optionsOfReply(withOptions(7, 3, 4)), [7, 3, 4, 0]);
  assertEquals(optionsOfReply(withOptions(7, 7, 255, 1, 2, 3, 4)), [7, 7, 255, 1, 2, 3, 4, 0]);
  for (const pointer of [0, 1, 2, 3, 5, 6, 7]) {
    assertEquals(verdictOf(withOptions(7, 7, pointer, 0, 0, 0, 0)), MALFORMED, `pointer ${pointer}`);
  }
  assertEquals(verdictOf(withOptions(7, 2, 0, 0)), MALFORMED);
});

Deno.test("a Timestamp gets the time since midnight, and the address where it asks for that", () => {
  assertEquals(optionsOfReply(withOptions(68, 8, 5, 0, ...NOTHING)), [68, 8, 9, 0, ...TIME]);
  assertEquals(optionsOfReply(withOptions(68, 12, 5, 1, ...NOTHING, ...NOTHING)), [
    68,
    12,
    13,
    1,
    ...HOST,
    ...TIME,
  ]);
  const second = [68, 20, 13, 0x21, 1, 2, 3, 4, 5, 6, 7, 8];
  assertEquals(optionsOfReply(withOptions(...second, ...NOTHING, ...NOTHING)), [
    ...[68, 20, 21, 0x21, 1, 2, 3, 4, 5, 6, 7, 8],
    ...HOST,
    ...TIME,
  ]);
});

Deno.test("a Timestamp for chosen addresses gets the time only of the one that is next", () => {
  assertEquals(optionsOfReply(withOptions(68, 12, 5, 3, ...HOST, ...NOTHING)), [
    68,
    12,
    13,
    3,
    ...HOST,
    ...TIME,
  ]);
  const other = [68, 12, 5, 3, 10, 6, 7, 8, ...NOTHING];
  assertEquals(optionsOfReply(withOptions(...other)), other);
  const full = [68, 12, 13, 0xf3, ...HOST, ...TIME];
  assertEquals(optionsOfReply(withOptions(...full)), full);
});

Deno.test("a full Timestamp counts the host that found no room, and is malformed when it cannot count it", () => {
  assertEquals(optionsOfReply(withOptions(68, 8, 9, 0xe0, 1, 2, 3, 4)), [68, 8, 9, 0xf0, 1, 2, 3, 4]);
  assertEquals(optionsOfReply(withOptions(68, 4, 5, 1)), [68, 4, 5, 0x11]);
  assertEquals(verdictOf(withOptions(68, 8, 9, 0xf0, 1, 2, 3, 4)), MALFORMED);
});

Deno.test("a Timestamp with a wrong pointer or room for a part of an entry is malformed, one of an unknown kind kept", () => {
  for (const pointer of [0, 4, 6, 8]) {
    assertEquals(verdictOf(withOptions(68, 8, pointer, 0, ...NOTHING)), MALFORMED, `pointer ${pointer}`);
  }
  for (const flag of [1, 3]) assertEquals(verdictOf(withOptions(68, 8, 5, flag, ...NOTHING)), MALFORMED);
  assertEquals(verdictOf(withOptions(68, 3, 5, 0)), MALFORMED);
  for (const flag of [2, 4, 15]) {
    const unknown = [68, 8, 5, flag, ...NOTHING];
    assertEquals(optionsOfReply(withOptions(...unknown)), unknown);
  }
});

Deno.test("options of every kind are entered in one packet, and unknown ones are kept", () => {
  const request = withOptions(1, 30, 3, 9, 7, 7, 4, ...NOTHING, 68, 8, 5, 0, ...NOTHING, 1);
  assertEquals(optionsOfReply(request), [1, 30, 3, 9, 7, 7, 8, ...HOST, 68, 8, 9, 0, ...TIME, 1]);
});

Deno.test("the header checksum is right after an entry, whatever it was before", () => {
  for (let identification = 0; identification < 2000; identification++) {
    const request = changed(captured.PING4_RECORD_ROUTE, {
      4: identification * 33 >> 8,
      5: identification * 33 & 0xff,
      8: 1,
    });
    parseIp(replyTo(request));
  }
});

Deno.test("fragments get their entries too, and a packet that is not answered gets none", () => {
  const head = changed(withOptions(7, 7, 4, ...NOTHING), { 6: 0x20, 3: 20 + 8 + 64 });
  const [{ verdict, bytes }] = respond([head]);
  assertEquals([verdict, ...bytes.subarray(20, 28)], [REPLY, 7, 7, 8, ...HOST, 0]);
  // `respond()` asserts that the packet is unchanged.
  assertEquals(verdictOf(changed(withOptions(7, 7, 4, ...NOTHING), { 28: 0 })), IGNORED);
  assertEquals(verdictOf(changed(withOptions(7, 7, 4, ...NOTHING, 131, 3, 4), {})), IGNORED);
});
