import { assert, assertEquals } from "@std/assert";
import { NetworkComments } from "../../../src/echo/network/comments.ts";
import { createDelayQueue } from "../../../src/echo/network/delay_queue.ts";
import {
  createOutlet,
  LOST,
  type OutletState,
  PASSED,
  PING,
  QUEUE_FULL,
  RING_FULL,
} from "../../../src/echo/network/outlet.ts";
import { createPlaces, type Place } from "../../../src/echo/network/places.ts";
import type { Link } from "../../../src/echo/network/plan.ts";
import { createRandom } from "../../../src/echo/network/random.ts";
import { TOTAL } from "../../../src/echo/network/statistics.ts";
import { createCounters, DROPPED, REPLIED } from "../../../src/echo/counters.ts";
import { FULL, SENT } from "../../../src/wintun/device.ts";
import { planOf } from "./harness.ts";

const QUEUE_START = 64;

/** An outlet whose clock is set by hand. Each packet is its number, in four bytes. */
class Subject {
  readonly sent: { readonly number: number; readonly atUs: number }[] = [];
  readonly state: OutletState;
  readonly place: Place;
  readonly outlet: ReturnType<typeof createOutlet>;
  ringRoom = Infinity;
  readonly #device = new Uint8Array(64);

  constructor(link: Partial<Link>, { hops = 0, seed = 1, queueBytes = 4 * 1024 * 1024 } = {}) {
    const bytes = new Uint8Array(QUEUE_START + queueBytes);
    const nowUs = new Float64Array(1);
    const queue = createDelayQueue(bytes, QUEUE_START, nowUs);
    this.state = {
      own: { bytes, words: new Int32Array(bytes.buffer), queue },
      random: createRandom(seed),
      nowUs,
      counters: createCounters(),
      replyLimit: Infinity,
      totals: new Float64Array(32),
      comments: new NetworkComments(),
    };
    this.place = createPlaces(planOf({ link, hops })).find(Int32Array.of(0x0907060a), 0, 4);
    const sender = (memory: Uint8Array) => (at: number, size: number): number => {
      if (this.sent.length >= this.ringRoom) return FULL;
      assertEquals(size, 20);
      this.sent.push({ number: new DataView(memory.buffer).getUint32(at), atUs: nowUs[0] });
      return SENT;
    };
    this.outlet = createOutlet(this.state, {
      sendOwn: sender(bytes),
      reply: sender(this.#device),
      copy: (offset, size, at) => bytes.set(this.#device.subarray(offset, offset + size), at),
      recorder: null,
    });
  }

  pass(number: number, { links = this.place.hops + 1, isOwn = false, mark = 0 } = {}): number {
    const memory = isOwn ? this.state.own.bytes : this.#device;
    new DataView(memory.buffer).setUint32(8, number);
    return this.outlet.pass(isOwn, 8, 20, this.place, links, mark);
  }

  /** Sends what is due until nothing waits. */
  drain(): void {
    const { queue } = this.state.own;
    while (queue.count > 0) {
      this.state.nowUs[0] = queue.nextUs;
      this.outlet.sendDue();
    }
  }

  get total(): (name: keyof typeof TOTAL) => number {
    return (name) => this.state.totals[TOTAL[name]];
  }
}

const numbers = ({ sent }: Subject): number[] => sent.map(({ number }) => number);

Deno.test("a perfect link passes everything at once, from either memory", () => {
  const subject = new Subject({});
  assertEquals([subject.pass(1), subject.pass(2, { isOwn: true })], [PASSED, PASSED]);
  assertEquals([numbers(subject), subject.state.counters[REPLIED], subject.total("delayed")], [[1, 2], 2, 0]);
});

Deno.test("a delay holds every packet back for its time, a router's part of it for that part", () => {
  const subject = new Subject({ delayUs: 20_000 }, { hops: 3 });
  subject.pass(1);
  subject.pass(2, { links: 1 });
  subject.pass(3, { isOwn: true });
  assertEquals([subject.sent.length, subject.total("waiting")], [0, 3]);
  subject.state.nowUs[0] = 4999;
  subject.outlet.sendDue();
  assertEquals(subject.sent.length, 0);
  subject.drain();
  assertEquals(subject.sent, [{ number: 2, atUs: 5000 }, { number: 1, atUs: 20_000 }, {
    number: 3,
    atUs: 20_000,
  }]);
  assertEquals([subject.total("delayed"), subject.total("waiting"), subject.state.counters[REPLIED]], [
    3,
    0,
    3,
  ]);
});

Deno.test("jitter spreads the delay evenly around its middle, and never below zero", () => {
  const subject = new Subject({ delayUs: 20_000, jitterUs: 5000 });
  for (let i = 0; i < 20_000; i++) subject.pass(i);
  subject.drain();
  const times = subject.sent.map(({ atUs }) => atUs);
  const [low, high] = [times[0], times.at(-1)!];
  assert(low >= 15_000 && low < 15_010 && high <= 25_000 && high > 24_990, `${low} to ${high}`);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  // Five standard errors: 10000 / sqrt(12) / sqrt(20000).
  assert(Math.abs(mean - 20_000) < 102, `${mean}`);
  assert(numbers(subject).some((number, index) => number !== index), "nothing overtakes");

  const wide = new Subject({ delayUs: 1000, jitterUs: 5000 });
  for (let i = 0; i < 1000; i++) wide.pass(i);
  wide.drain();
  assert(wide.sent.every(({ atUs }) => atUs >= 0 && atUs <= 6000));
});

Deno.test("loss takes its part of the packets, and the same ones for the same seed", () => {
  const lossesOf = (seed: number): number[] => {
    const subject = new Subject({ loss: 0.1 }, { seed });
    return Array.from({ length: 20_000 }, (_, index) => index).filter((index) =>
      subject.pass(index) === LOST
    );
  };
  const losses = lossesOf(5);
  // Five standard deviations of 42.
  assert(Math.abs(losses.length - 2000) < 212, `${losses.length}`);
  assertEquals(lossesOf(5), losses);
  assert(lossesOf(6).join() !== losses.join());
  const all = new Subject({ loss: 1 });
  for (let i = 0; i < 1000; i++) assertEquals(all.pass(i), LOST);
  assertEquals([all.total("lost"), all.sent.length, all.state.counters[REPLIED]], [1000, 0, 0]);
});

Deno.test("a duplicate is sent besides, and not counted as a reply", () => {
  const subject = new Subject({ duplicate: 1 });
  subject.pass(1);
  assertEquals([numbers(subject), subject.total("duplicated"), subject.state.counters[REPLIED]], [
    [1, 1],
    1,
    1,
  ]);
  const some = new Subject({ duplicate: 0.2 });
  for (let i = 0; i < 10_000; i++) some.pass(i);
  assert(Math.abs(some.total("duplicated") - 2000) < 200, `${some.total("duplicated")}`);
  assertEquals(some.sent.length, 10_000 + some.total("duplicated"));
});

Deno.test("a duplicate and a loss of one packet make one packet, as in netem", () => {
  const subject = new Subject({ duplicate: 1, loss: 0.5 });
  for (let i = 0; i < 10_000; i++) assertEquals(subject.pass(i), PASSED);
  // Half of the packets lose one of two. Of the others, half of the duplicates are lost.
  assert(Math.abs(subject.sent.length - 12_500) < 250, `${subject.sent.length}`);
  assertEquals(subject.total("lost"), 0);
});

Deno.test("reordered packets leave at once, ahead of those that wait", () => {
  const subject = new Subject({ delayUs: 10_000, reorder: 0.25 });
  for (let i = 0; i < 10_000; i++) subject.pass(i);
  const ahead = subject.sent.length;
  assert(Math.abs(ahead - 2500) < 220, `${ahead}`);
  assertEquals(subject.total("reordered"), ahead);
  subject.drain();
  assertEquals(subject.sent.length, 10_000);
});

Deno.test("a rate spaces packets by their size, whether they are delayed or not, in their order", () => {
  // 20 bytes take 1 ms.
  const subject = new Subject({ rateBitsPerSecond: 160_000 });
  for (let i = 0; i < 4; i++) subject.pass(i);
  subject.drain();
  assertEquals(subject.sent, [1000, 2000, 3000, 4000].map((atUs, number) => ({ number, atUs })));
  subject.state.nowUs[0] = 10_000;
  subject.pass(4);
  subject.drain();
  assertEquals(subject.sent.at(-1), { number: 4, atUs: 11_000 });

  const delayed = new Subject({ rateBitsPerSecond: 160_000, delayUs: 5000 });
  delayed.pass(0);
  delayed.pass(1);
  delayed.drain();
  assertEquals(delayed.sent.map(({ atUs }) => atUs), [6000, 7000]);
});

Deno.test("what finds no room in the queue or in the ring is dropped and counted", () => {
  const subject = new Subject({ delayUs: 1000 }, { queueBytes: 100 });
  assertEquals([1, 2, 3, 4].map((number) => subject.pass(number)), [PASSED, PASSED, PASSED, QUEUE_FULL]);
  assertEquals([subject.total("queueFull"), subject.state.counters[DROPPED]], [1, 1]);
  subject.ringRoom = 2;
  subject.drain();
  assertEquals([numbers(subject), subject.state.counters[DROPPED], subject.state.counters[REPLIED]], [
    [1, 2],
    2,
    2,
  ]);
  const perfect = new Subject({});
  perfect.ringRoom = 0;
  assertEquals([perfect.pass(1), perfect.state.counters[DROPPED]], [RING_FULL, 1]);
});

Deno.test("what finds no room in the queue takes no time of the link", () => {
  // 20 bytes take 1 ms, and three packets fit.
  const subject = new Subject({ rateBitsPerSecond: 160_000 }, { queueBytes: 100 });
  const flood = Array.from({ length: 1000 }, (_, number) => subject.pass(number));
  assertEquals(flood.filter((passage) => passage === QUEUE_FULL).length, 997);
  subject.drain();
  subject.pass(1000);
  subject.drain();
  assertEquals(subject.sent.at(-1), { number: 1000, atUs: 4000 });
});

Deno.test("a ping of the network takes the same way, and is no reply", () => {
  const subject = new Subject({ delayUs: 1000 });
  subject.pass(1, { isOwn: true, mark: PING });
  subject.drain();
  assertEquals([subject.sent, subject.state.counters[REPLIED]], [[{ number: 1, atUs: 1000 }], 0]);
});
