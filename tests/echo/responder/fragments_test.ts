import { assert, assertEquals } from "@std/assert";
import { internetChecksum } from "../../../src/wire/checksum.ts";
import { parseIp } from "../../../src/wire/ip.ts";
import { formatIpAddress, parseIpAddress } from "../../../src/wire/ip_address.ts";
import { buildUdp } from "../../wire/udp_datagram.ts";
import * as captured from "../../testdata/captured_packets.ts";
import {
  addressed,
  changed,
  HELD,
  IGNORED,
  MALFORMED,
  NOW_MS,
  type Outcome,
  REPLY,
  respond,
  Subject,
  verdictOf,
} from "./harness.ts";

const { PING4_FIRST_FRAGMENT: first, PING4_LAST_FRAGMENT: last } = captured;
const { PING6_FIRST_FRAGMENT: first6, PING6_LAST_FRAGMENT: last6 } = captured;

Deno.test("both fragments of a real ping -4 -s 2000 are answered, and make up one right echo reply", () => {
  const [head, tail] = respond([first, last]);
  assertEquals([head.verdict, tail.verdict], [REPLY, REPLY]);
  assertEquals(parseIp(head.bytes).fragment, parseIp(captured.PING4_FIRST_FRAGMENT).fragment);
  assertEquals(parseIp(tail.bytes).fragment, { identification: 0xe864, offset: 1376, hasMore: false });
  const message = Uint8Array.of(...head.bytes.subarray(20), ...tail.bytes.subarray(20));
  assertEquals(message.length, 2008);
  assertEquals(message[0], 0);
  assertEquals(internetChecksum(message, 0, message.length), 0);
});

Deno.test("both fragments of a real ping -6 -s 2000 are answered", () => {
  const [head, tail] = respond([first6, last6]);
  assertEquals([head.verdict, tail.verdict], [REPLY, REPLY]);
  assertEquals(head.bytes[48], 129);
  assertEquals(tail.bytes.subarray(40), captured.PING6_LAST_FRAGMENT.subarray(40));
  assertEquals(formatIpAddress(parseIp(tail.bytes).source), "fd00:6:7::9");
});

// First fragments that are no requests.
const isReply = changed(first, { 20: 0 });
const isReply6 = changed(first6, { 48: 129 });
const verdicts = (...packets: Uint8Array[]): Outcome[] => respond(packets).map(({ verdict }) => verdict);

Deno.test("a later fragment does as its first one did", () => {
  assertEquals(verdicts(first, last, last), [REPLY, REPLY, REPLY]);
  assertEquals(verdicts(isReply, last), [IGNORED, IGNORED]);
  assertEquals(verdicts(isReply6, last6), [IGNORED, IGNORED]);
  // The same identification, used again for something that is no request, and the other way round.
  assertEquals(verdicts(first, isReply, last), [REPLY, IGNORED, IGNORED]);
  assertEquals(verdicts(first6, isReply6, last6), [REPLY, IGNORED, IGNORED]);
  assertEquals(verdicts(isReply, first, last), [IGNORED, REPLY, REPLY]);
});

Deno.test("a later fragment of another datagram is not answered", () => {
  // Another identification, protocol or address.
  assertEquals(verdicts(first, changed(last, { 5: 0x65 })), [REPLY, HELD]);
  assertEquals(verdicts(first, changed(last, { 9: 17 })), [REPLY, HELD]);
  assertEquals(verdicts(first, addressed(last, "10.6.7.8", "10.6.7.9")), [REPLY, HELD]);
  assertEquals(verdicts(first, addressed(last, "10.6.7.7", "10.6.7.10")), [REPLY, HELD]);
  assertEquals(verdicts(first6, changed(last6, { 44: 0 })), [REPLY, HELD]);
  assertEquals(verdicts(first6, addressed(last6, "fd00:6:7::7", "fd00:6:7::a")), [REPLY, HELD]);
});

Deno.test("fragments that came before their first one follow its reply, as replies, in order of their offsets", () => {
  for (const family of [4, 6]) {
    const [head, tail] = family === 4 ? [first, last] : [first6, last6];
    const inOrder = respond([head, tail]).map(({ bytes }) => bytes);
    const [held, answer] = respond([tail, head]);
    assertEquals([held.verdict, answer.verdict], [HELD, REPLY]);
    assertEquals([answer.bytes, ...answer.followers], inOrder);
  }
  const parts = [0, 1, 2, 3, 4].map((index) => part(index, 0x1234));
  const [, , , , answer] = respond([4, 2, 3, 1, 0].map((index) => parts[index]));
  assertEquals([answer.bytes, ...answer.followers], respond(parts).map(({ bytes }) => bytes));
});

Deno.test("fragments that came before their first one are given up when it is no request", () => {
  for (const [head, tail] of [[isReply, last], [isReply6, last6]]) {
    const subject = new Subject();
    assertEquals([tail, tail, head, tail].map((one) => subject.give(one).verdict), [
      HELD,
      HELD,
      IGNORED,
      IGNORED,
    ]);
    assertEquals([subject.fragments.held.count, subject.fragments.held.givenUp], [0, 2]);
  }
});

Deno.test("fragments wait without padding, and fragments that overlap all come back", () => {
  const padded = Uint8Array.of(...last, 1, 2, 3);
  const [, , answer] = respond([padded, last, first]);
  assertEquals(answer.followers, [respond([first, last])[1].bytes, respond([first, last])[1].bytes]);
});

Deno.test("what is remembered of a datagram is forgotten after 60 seconds, or when the clock is set back", () => {
  for (
    const [afterMs, isForgotten] of [[59_999, false], [60_000, true], [3_600_000, true], [-1, true]] as const
  ) {
    let now = NOW_MS;
    const subject = new Subject({ nowMs: () => now });
    subject.give(last);
    now += afterMs;
    assertEquals(subject.give(first).followers.length, isForgotten ? 0 : 1, `${afterMs} ms`);
    now += afterMs;
    assertEquals(subject.give(last).verdict, isForgotten ? HELD : REPLY, `${afterMs} ms`);
  }
});

Deno.test("more than a datagram has room for is given up, and the datagram is answered with the rest", () => {
  const subject = new Subject();
  for (let index = 200; index > 0; index--) subject.give(part(index, 7));
  assertEquals([subject.fragments.held.count, subject.fragments.held.givenUp], [128, 72]);
  const { followers } = subject.give(part(0, 7));
  assertEquals(followers.map(({ length }) => length), new Array(128).fill(28));
  assertEquals(
    followers.map((bytes) => parseIp(bytes).fragment?.offset),
    Array.from({ length: 128 }, (_, i) => 8 * (73 + i)),
  );
});

Deno.test("when the memory is full the oldest fragments are given up, and those that remain come back unharmed", () => {
  const subject = new Subject();
  const large = (identification: number): Uint8Array => {
    const size = 20 + 8 * (1 + identification * 37 % 2000);
    const packet = new Uint8Array(size).fill(identification);
    packet.set(part(1, identification).subarray(0, 20));
    return changed(packet, { 2: size >> 8, 3: size & 0xff });
  };
  for (let start = 0; start < 4000; start += 1000) {
    for (let identification = start; identification < start + 700; identification++) {
      subject.give(large(identification));
    }
    let bytes = 0, oldest = Infinity;
    for (let identification = start + 699; identification >= start; identification--) {
      const { followers } = subject.give(part(0, identification));
      if (followers.length === 0) continue;
      oldest = identification;
      bytes += followers[0].length;
      assertEquals(followers, [respond([part(0, identification), large(identification)])[1].bytes]);
    }
    assertEquals(subject.fragments.held.count, 0);
    assert(bytes > 400_000 && bytes < 512 * 1024, `${bytes} bytes were kept`);
    assert(oldest > start + 600, `${oldest} was kept, too old for the memory`);
  }
});

Deno.test("a flood of fragments without a first one never ends in a wrong answer", () => {
  const subject = new Subject();
  for (let identification = 0; identification < 20_000; identification++) {
    assertEquals(subject.give(part(1, identification)).verdict, HELD);
  }
  const { givenUp, count } = subject.fragments.held;
  assertEquals(givenUp + count, 20_000);
  assert(count <= 1024, `${count} datagrams are remembered`);
  // The last datagram is still remembered.
  assertEquals(subject.give(part(0, 19_999)).followers.length, 1);
});

/** Returns a fragment of 8 bytes of an echo request that never becomes complete. */
function part(index: number, identification: number): Uint8Array {
  const packet = Uint8Array.of(...first.subarray(0, 28));
  return changed(packet, {
    ...{ 2: 0, 3: 28, 4: identification >> 8, 5: identification & 0xff },
    ...{ 6: 0x20 | index >> 8, 7: index & 0xff },
    ...(index === 0 ? {} : { 20: index }),
  });
}

Deno.test("a first fragment of UDP may have a UDP length that counts what is still to come", () => {
  const datagram = buildUdp({
    source: parseIpAddress("10.6.7.7"),
    destination: parseIpAddress("10.6.7.9"),
    sourcePort: 40000,
    destinationPort: 4000,
    payload: new Uint8Array(32),
  });
  const head = changed(datagram.slice(0, 44), { 3: 44, 6: 0x20 });
  const tail = changed(Uint8Array.of(...datagram.subarray(0, 20), ...datagram.subarray(44)), { 3: 36, 7: 3 });
  const [a, b] = respond([head, tail]);
  assertEquals([a.verdict, b.verdict], [REPLY, REPLY]);
  assertEquals(a.bytes.subarray(20, 24), Uint8Array.of(4000 >> 8, 4000 & 0xff, 40000 >> 8, 40000 & 0xff));
  // The same bytes as a whole datagram are malformed, and so is a UDP length below 8 in a fragment.
  assertEquals(verdictOf(changed(head, { 6: 0 })), MALFORMED);
  assertEquals(verdictOf(changed(head, { 25: 7 })), MALFORMED);
});

Deno.test("fragments without data, of odd length with more to come, or ending above 65535 are malformed", () => {
  assertEquals(verdictOf(changed(last.slice(0, 20), { 2: 0, 3: 20 })), MALFORMED);
  assertEquals(verdictOf(changed(first.slice(0, 27), { 2: 0, 3: 27 })), MALFORMED);
  assertEquals(verdictOf(changed(last, { 6: 0x1f, 7: 0xff })), MALFORMED);
  assertEquals(verdictOf(changed(last6.slice(0, 48), { 4: 0, 5: 8 })), MALFORMED);
  assertEquals(verdictOf(changed(last6.slice(0, 47), { 4: 0, 5: 7 })), MALFORMED);
  assertEquals(verdictOf(changed(first6.slice(0, 60), { 4: 0, 5: 20 })), MALFORMED);
  assertEquals(verdictOf(changed(last6, { 42: 0xff, 43: 0xf8 })), MALFORMED);
});
