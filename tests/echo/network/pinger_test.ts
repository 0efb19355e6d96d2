import { assert, assertEquals } from "@std/assert";
import { IncomingPacket } from "../../../src/echo/network/incoming.ts";
import type { PingReply } from "../../../src/echo/network/ping_reply.ts";
import { Pinger } from "../../../src/echo/network/pinger.ts";
import { createChecksumTest } from "../../../src/echo/responder/checksum.ts";
import { packetWords } from "../../../src/echo/responder/responder.ts";
import { describe } from "../../../src/wire/describe.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { fragmentsOf } from "../../wire/fragments.ts";
import { changed, replyTo } from "../responder/harness.ts";

const IDENTIFIER = 0x1234;

/** A pinger, and the machine that it pings. */
class Subject {
  readonly replies: PingReply[] = [];
  readonly pinger: Pinger;
  readonly #memory = new Uint8Array(256);
  readonly #packet: IncomingPacket;

  constructor(target = "10.6.7.7", source = "10.6.7.8", intervalMs = 1000) {
    const words = packetWords(this.#memory);
    this.#packet = new IncomingPacket(this.#memory, words, createChecksumTest(words));
    const plan = { target: parseIpAddress(target), source: parseIpAddress(source), intervalMs };
    this.pinger = new Pinger(plan, IDENTIFIER, 0, (reply) => this.replies.push(reply));
  }

  /** Gives a packet to the pinger. Returns whether it was a reply to a ping. */
  take(packet: Uint8Array, nowUs: number): boolean {
    this.#memory.set(packet, 8);
    assert(this.#packet.read(8, packet.length));
    return this.pinger.take(this.#packet, this.#memory, () => nowUs);
  }
}

for (const [target, source] of [["10.6.7.7", "10.6.7.8"], ["fd06:7::7", "fd06:7::8"]]) {
  Deno.test(`a pinger takes the replies of ${target}, with their round-trip times`, () => {
    const subject = new Subject(target, source);
    const first = subject.pinger.nextRequest(0, 62);
    const second = subject.pinger.nextRequest(1_000_000, 62);
    assert(/echo request id 4660 seq 2 (ttl|hop limit) 62/.test(describe(second)), describe(second));
    assert(subject.take(replyTo(second), 1_000_400.6));
    assert(subject.take(replyTo(first), 1_500_000));
    assert(subject.take(replyTo(first), 1_600_000));
    const { length: bytes } = first;
    assertEquals(subject.replies, [
      { sequence: 2, bytes, timeToLive: 64, roundTripUs: 401, isDuplicate: false },
      { sequence: 1, bytes, timeToLive: 64, roundTripUs: 1_500_000, isDuplicate: false },
      { sequence: 1, bytes, timeToLive: 64, roundTripUs: 1_600_000, isDuplicate: true },
    ]);
  });
}

Deno.test("a pinger takes nothing but a whole and right reply to a request of its own", () => {
  const subject = new Subject();
  const request = subject.pinger.nextRequest(0, 64);
  const reply = replyTo(request);
  const damaged = reply.slice();
  damaged[40] ^= 1;
  const others: Record<string, Uint8Array> = {
    "the request": request,
    "another identifier": changed(reply, { 24: 0 }),
    "a request that was not sent": changed(reply, { 27: 2 }),
    "another sender": changed(reply, { 15: 9 }),
    "another receiver": changed(reply, { 19: 9 }),
    "another code": changed(reply, { 21: 1 }),
    "UDP": changed(reply, { 9: 17 }),
    "a wrong checksum": damaged,
    "a fragment": fragmentsOf(reply, 40, 7)[0],
  };
  for (const [name, packet] of Object.entries(others)) assert(!subject.take(packet, 1), name);
  assertEquals(subject.replies, []);
});

Deno.test("a pinger reports ten replies to one request at most", () => {
  const subject = new Subject();
  const reply = replyTo(subject.pinger.nextRequest(0, 64));
  const taken = Array.from({ length: 12 }, () => subject.take(reply, 1));
  assertEquals([taken.filter(Boolean).length, subject.replies.length], [10, 10]);
  assert(subject.take(replyTo(subject.pinger.nextRequest(1, 64)), 2));
});

Deno.test("a pinger keeps its interval, and leaves out what it could not send in time", () => {
  const { pinger } = new Subject("10.6.7.7", "10.6.7.8", 100);
  const due: number[] = [];
  for (const nowUs of [0, 100_000, 200_500, 650_000, 700_000]) {
    pinger.nextRequest(nowUs, 64);
    due.push(pinger.nextUs);
  }
  assertEquals(due, [100_000, 200_000, 300_000, 700_000, 800_000]);
});

Deno.test("a pinger counts on when the 16 bits of the sequence begin again, and forgets old requests", () => {
  const subject = new Subject();
  let last!: Uint8Array, old!: Uint8Array;
  for (let sequence = 1; sequence <= 0x1_0005; sequence++) {
    last = subject.pinger.nextRequest(sequence, 64);
    if (sequence === 0x1_0005 - 1024) old = last;
  }
  assert(subject.take(replyTo(last), 0x1_0006));
  assert(!subject.take(replyTo(old), 0x1_0006));
  assertEquals(subject.replies.map(({ sequence, roundTripUs }) => [sequence, roundTripUs]), [[0x1_0005, 1]]);
});
