import { assert, assertEquals } from "@std/assert";
import { createDelayQueue, type DelayQueue } from "../../../src/echo/network/delay_queue.ts";
import { createRandom } from "../../../src/echo/network/random.ts";

const START = 64;

/** A queue with its memory and its clock. */
class Subject {
  readonly nowUs = new Float64Array(1);
  readonly memory: Uint8Array;
  readonly queue: DelayQueue;

  constructor(capacityBytes: number) {
    this.memory = new Uint8Array(START + capacityBytes).fill(0xa5);
    this.queue = createDelayQueue(this.memory, START, this.nowUs);
  }

  /** Adds a packet. Returns whether there was room. */
  add(packet: Uint8Array, dueUs: number, mark = 0): boolean {
    const at = this.queue.reserve(packet.length);
    if (at < 0) return false;
    assertEquals(at % 4, 0);
    this.memory.set(packet, at);
    this.queue.dueUs[0] = dueUs;
    this.queue.add(mark);
    return true;
  }

  take(): Uint8Array {
    const at = this.queue.take();
    return this.memory.slice(at, at + this.queue.taken.size);
  }
}

Deno.test("a delay queue gives packets back in the order of their times, and at one time as they came", () => {
  const subject = new Subject(4096);
  const times = [30, 10, 20, 10, 30, 5.5];
  for (const [index, time] of times.entries()) assert(subject.add(Uint8Array.of(index, 1, 2), time, index));
  assertEquals([subject.queue.count, subject.queue.nextUs, subject.queue.hasDue()], [6, 5.5, false]);
  subject.nowUs[0] = 20;
  const order: number[] = [];
  while (subject.queue.hasDue()) {
    order.push(subject.take()[0]);
    assertEquals(subject.queue.taken.mark, order.at(-1));
  }
  assertEquals(order, [5, 1, 3, 2]);
  assertEquals([subject.queue.count, subject.queue.nextUs], [2, 30]);
  assertEquals([subject.take()[0], subject.take()[0], subject.queue.nextUs], [0, 4, Infinity]);
});

Deno.test("a delay queue knows when a packet came", () => {
  const subject = new Subject(4096);
  subject.nowUs[0] = 7.25;
  subject.add(Uint8Array.of(1), 100);
  subject.nowUs[0] = 100;
  subject.take();
  assertEquals(subject.queue.takenSinceUs[0], 7.25);
});

Deno.test("a delay queue refuses what does not fit, and has room again when the oldest were taken", () => {
  const subject = new Subject(1024);
  const packet = new Uint8Array(100);
  let added = 0;
  while (subject.add(packet, added)) added++;
  assertEquals(added, 9);
  subject.take();
  subject.take();
  assert(subject.add(packet, 100));
  assert(!subject.add(packet, 100));
  while (subject.queue.count > 0) subject.take();
  assert(subject.add(new Uint8Array(1000), 100), "an empty queue has room for all that fits at all");
  assert(!subject.add(new Uint8Array(8), 100));
});

Deno.test("a delay queue keeps the room of a packet until all that came before have been taken", () => {
  const subject = new Subject(1024);
  const packet = new Uint8Array(100);
  for (let i = 0; i < 9; i++) subject.add(packet, i === 0 ? 100 : 1);
  for (let i = 0; i < 8; i++) subject.take();
  assert(!subject.add(packet, 1));
  subject.take();
  assert(subject.add(packet, 1));
});

Deno.test("a delay queue holds at most 65536 packets", () => {
  const subject = new Subject(4 * 1024 * 1024);
  for (let i = 0; i < 65_536; i++) assert(subject.add(Uint8Array.of(1), i));
  assert(!subject.add(Uint8Array.of(1), 0));
  subject.take();
  assert(subject.add(Uint8Array.of(1), 0));
});

Deno.test("a delay queue loses and changes no packet over many rounds, and writes nothing in front of its memory", () => {
  const random = createRandom(7);
  const subject = new Subject(20_000);
  const waiting: { due: number; packet: Uint8Array }[] = [];
  let refused = 0, taken = 0;
  for (let round = 0; round < 20_000; round++) {
    if (random() % 100 < 52) {
      const packet = Uint8Array.from({ length: 20 + random() % 1500 }, (_, index) => index + round);
      const due = random() % 1000;
      if (subject.add(packet, due)) waiting.push({ due, packet });
      else refused++;
    } else if (waiting.length > 0) {
      let first = 0;
      for (const [index, { due }] of waiting.entries()) if (due < waiting[first].due) first = index;
      assertEquals(subject.queue.nextUs, waiting[first].due);
      assertEquals(subject.take(), waiting[first].packet);
      waiting.splice(first, 1);
      taken++;
    }
    assertEquals(subject.queue.count, waiting.length);
  }
  assert(refused > 100 && taken > 5_000, `${refused} refused, ${taken} taken`);
  assert(subject.memory.subarray(0, START).every((byte) => byte === 0xa5));
});
