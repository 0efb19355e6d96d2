import { assert, assertEquals } from "@std/assert";
import {
  MAX_PACKET_BYTES,
  PacketRing,
  RING_CORRUPT,
  RING_EMPTY,
  ringBytes,
} from "../../../src/tun/simulated/ring.ts";

const CAPACITY = 0x20000;
const TAIL_WORD = 1;
const DATA = 8;

interface Ends {
  readonly memory: Uint8Array;
  readonly words: Int32Array;
  readonly writer: PacketRing;
  readonly reader: PacketRing;
}

function openRing(): Ends {
  const memory = new SharedArrayBuffer(ringBytes(CAPACITY));
  return {
    memory: new Uint8Array(memory),
    words: new Int32Array(memory),
    writer: new PacketRing(memory, 0, CAPACITY),
    reader: new PacketRing(memory, 0, CAPACITY),
  };
}

function write({ memory, writer }: Ends, size: number, fill: number): boolean {
  const at = writer.reserve(size);
  if (at < 0) return false;
  memory.fill(fill, at, at + size);
  writer.publish();
  return true;
}

Deno.test("PacketRing.take() finds nothing in a new ring", () => {
  assertEquals(openRing().reader.take(), RING_EMPTY);
});

Deno.test("PacketRing.take() does not see a record before it is published", () => {
  const { writer, reader } = openRing();
  writer.reserve(4);
  assertEquals(reader.take(), RING_EMPTY);
  writer.publish();
  assert(reader.take() > 0);
});

Deno.test("PacketRing carries packets of every size unchanged around its end, many times over", () => {
  const ring = openRing();
  let carried = 0;
  for (let round = 0; carried < 20 * CAPACITY; round++) {
    const size = [0, 1, 3, 4, 1400, 4095, MAX_PACKET_BYTES][round % 7];
    const fill = round & 0xff;
    assert(write(ring, size, fill), `round ${round}`);
    const at = ring.reader.take();
    assert(at >= 0 && at % 4 === 0, `round ${round}: ${at}`);
    assertEquals(ring.reader.takenSize, size);
    assert(ring.memory.subarray(at, at + size).every((byte) => byte === fill), `round ${round}`);
    ring.reader.release(at);
    carried += size;
  }
  assertEquals(ring.reader.take(), RING_EMPTY);
});

Deno.test("PacketRing.reserve() fails when the ring is full, and works again after a release", () => {
  const ring = openRing();
  let written = 0;
  while (write(ring, 1000, 7)) written++;
  // Each record takes 1004 bytes. Four bytes stay free, so that a full ring differs from an empty one.
  assertEquals(written, Math.floor((CAPACITY - 4) / 1004));
  const first = ring.reader.take();
  assert(!write(ring, 1000, 8), "a taken packet is still in the ring");
  ring.reader.release(first);
  assert(write(ring, 1000, 8));
  assert(!write(ring, 1000, 9));
});

Deno.test("PacketRing.release() frees room in the order of the packets, whatever the order of release", () => {
  const ring = openRing();
  while (write(ring, 1000, 7));
  const first = ring.reader.take();
  const second = ring.reader.take();
  ring.reader.release(second);
  assert(!write(ring, 1000, 8), "the first packet is in the way");
  ring.reader.release(first);
  assert(write(ring, 1000, 8));
  assert(write(ring, 1000, 8));
  assert(!write(ring, 1000, 8));
});

Deno.test("PacketRing.release() of a packet does not free old records that carry the mark of an earlier round", () => {
  const ring = openRing();
  for (let index = 0; index < 200; index++) {
    write(ring, 1000, 1);
    ring.reader.release(ring.reader.take());
  }
  assert(write(ring, 1000, 2));
  assert(write(ring, 1000, 3));
  const at = ring.reader.take();
  ring.reader.release(at);
  const next = ring.reader.take();
  assertEquals(ring.memory[next], 3);
  ring.reader.release(next);
  assertEquals(ring.reader.take(), RING_EMPTY);
});

Deno.test("PacketRing.take() reports a record longer than what was written", () => {
  for (const size of [MAX_PACKET_BYTES + 1, 64, -1]) {
    const ring = openRing();
    write(ring, 8, 1);
    ring.words[DATA >> 2] = size;
    assertEquals(ring.reader.take(), RING_CORRUPT, `size ${size}`);
  }
  const ring = openRing();
  Atomics.store(ring.words, TAIL_WORD, 4);
  assertEquals(ring.reader.take() >= 0, true, "a record of no bytes is well-formed");
});
