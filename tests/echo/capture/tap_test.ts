import { assert, assertEquals } from "@std/assert";
import {
  createTapMemory,
  IN_IGNORED,
  IN_REPLY,
  OUT_REPLY,
  type TappedPacket,
} from "../../../src/echo/capture/tap.ts";
import { TapReader } from "../../../src/echo/capture/tap_reader.ts";
import { TapWriter } from "../../../src/echo/capture/tap_writer.ts";
import {
  type Comment,
  encodeComment,
  enhancedPacketLength,
  INBOUND,
  OUTBOUND,
  setPacketDirection,
  setPacketTime,
  writeEnhancedPacketFrame,
} from "../../../src/wire/pcapng.ts";
import { MemoryDevice } from "../memory_device.ts";

/** A device with packets of the given sizes. Byte 0 of each is its number. */
function deviceWith(sizes: readonly number[]): MemoryDevice {
  return new MemoryDevice(sizes.map((size, index) => new Uint8Array(size).fill(index)));
}

/** Takes the packets that lie in one piece, visits and releases them. Returns whether there were any. */
function read(reader: TapReader, visit: (packet: TappedPacket) => void, limitBytes = Infinity): boolean {
  const blocks = reader.take(limitBytes, visit);
  reader.release();
  return blocks !== undefined;
}

Deno.test("TapReader takes nothing from a new tap", () => {
  assertEquals(new TapReader(createTapMemory(1024)).take(Infinity), undefined);
});

Deno.test("a record that was begun but not committed is not read, and its room is used again", () => {
  const device = deviceWith([40]);
  const memory = createTapMemory(1024);
  const writer = new TapWriter(device.packets, memory, 64);
  const offset = device.packets.receive();
  assertEquals(writer.begin(offset, 40), writer.begin(offset, 40));
  assertEquals(new TapReader(memory).take(Infinity), undefined);
});

Deno.test("the reader hears of records at a flush, and of 64 without one", () => {
  const device = deviceWith(new Array(65).fill(20));
  const memory = createTapMemory(10_000);
  const [writer, reader] = [new TapWriter(device.packets, memory, 64), new TapReader(memory)];
  const write = (count: number): void => {
    for (; count > 0; count--) writer.commit(writer.begin(device.packets.receive(), 20), IN_REPLY);
  };
  write(63);
  assertEquals(reader.take(Infinity), undefined);
  write(2);
  reader.take(Infinity);
  assertEquals(reader.takenPackets, 64);
  writer.flush();
  reader.take(Infinity);
  assertEquals(reader.takenPackets, 1);
});

Deno.test("a record has the time of its packet, or that of the record before", () => {
  const device = deviceWith([20, 20, 20]);
  const memory = createTapMemory(1000);
  const [writer, reader] = [new TapWriter(device.packets, memory, 64), new TapReader(memory)];
  const times: bigint[] = [];
  for (const asBefore of [false, true, false]) {
    writer.commit(writer.begin(device.packets.receive(), 20, asBefore), IN_REPLY);
    writer.flush();
    // The reader converts the time, before the next record is written.
    read(reader, ({ timeNs }) => times.push(timeNs));
    device.time += 5n;
  }
  assertEquals(times.map((time) => time - times[0]), [0n, 0n, 1000n]);
});

Deno.test("the time of a record is right in either half of its 64 bits", () => {
  const device = deviceWith(new Array(9).fill(20));
  const memory = createTapMemory(10_000);
  const [writer, reader] = [new TapWriter(device.packets, memory, 64), new TapReader(memory)];
  // The lower half goes around every 4.3 s.
  device.timeStep = 10_000_000n;
  for (let packet = 0; packet < 9; packet++) {
    writer.commit(writer.begin(device.packets.receive(), 20), IN_REPLY);
  }
  writer.flush();
  const times: bigint[] = [];
  read(reader, ({ timeNs }) => times.push(timeNs));
  assertEquals(times, times.map((_, second) => 1_767_323_045_678_901_200n + BigInt(second) * 1_000_000_000n));
});

Deno.test("packets of every size come through a small tap whole and in order, around its end many times", () => {
  const sizes = Array.from({ length: 20_000 }, (_, index) => (index * 37) % 300);
  const device = deviceWith(sizes);
  const memory = createTapMemory(2000);
  const [writer, reader] = [new TapWriter(device.packets, memory, 250), new TapReader(memory)];
  let seen = 0;
  const check = (packet: TappedPacket): void => {
    const size = sizes[seen];
    assertEquals(packet.length, size);
    assertEquals(packet.bytes.length, Math.min(size, 250));
    assert(packet.bytes.every((byte) => byte === (seen & 0xFF)));
    assertEquals(packet.direction, seen % 2 === 0 ? "in" : "out");
    seen++;
  };
  for (let written = 0; written < sizes.length; written++) {
    const offset = device.packets.receive();
    let record = writer.begin(offset, device.packets.receivedSize[0]);
    if (record < 0) {
      assert(read(reader, check));
      record = writer.begin(offset, device.packets.receivedSize[0]);
    }
    writer.commit(record, written % 2 === 0 ? IN_REPLY : OUT_REPLY);
    writer.flush();
    if (written % 3 === 0) read(reader, check, 500);
  }
  while (read(reader, check));
  assertEquals(seen, sizes.length);
});

Deno.test("a record never ends where the tap does, so that the next one can be marked to be at the start", () => {
  const device = deviceWith(new Array(9).fill(100));
  const memory = createTapMemory(3 * enhancedPacketLength(100, 0));
  const [writer, reader] = [new TapWriter(device.packets, memory, 65_535), new TapReader(memory)];
  for (let packet = 0; packet < 9; packet++) {
    writer.commit(writer.begin(device.packets.receive(), 100), IN_REPLY);
    writer.flush();
    assert(read(reader, ({ length, bytes }) => assertEquals([length, bytes[0]], [100, packet])));
  }
});

Deno.test("a packet larger than the whole tap never fits, and does not harm what follows", () => {
  const device = deviceWith([5000, 10]);
  const memory = createTapMemory(1024);
  const writer = new TapWriter(device.packets, memory, 65_535);
  assertEquals(writer.begin(device.packets.receive(), 5000), -1);
  const record = writer.begin(device.packets.receive(), 10);
  writer.commit(record, IN_REPLY);
  writer.flush();
  const reader = new TapReader(memory);
  assert(read(reader, (packet) => assertEquals(packet.length, 10)));
  assertEquals(reader.takenPackets, 1);
});

Deno.test("what is taken keeps its room until it is released", () => {
  const device = deviceWith([400, 400, 400]);
  const memory = createTapMemory(1000);
  const [writer, reader] = [new TapWriter(device.packets, memory, 65_535), new TapReader(memory)];
  for (let packet = 0; packet < 2; packet++) {
    writer.commit(writer.begin(device.packets.receive(), 400), IN_REPLY);
  }
  writer.flush();
  const blocks = reader.take(Infinity)!;
  const before = blocks.slice();
  const offset = device.packets.receive();
  assertEquals(writer.begin(offset, 400), -1);
  assertEquals(blocks, before);
  reader.release();
  assert(writer.begin(offset, 400) >= 0);
});

Deno.test("take() gives whole records within the limit, and at least one", () => {
  const device = deviceWith([100, 100, 100]);
  const memory = createTapMemory(1024);
  const [writer, reader] = [new TapWriter(device.packets, memory, 65_535), new TapReader(memory)];
  for (let packet = 0; packet < 3; packet++) {
    writer.commit(writer.begin(device.packets.receive(), 100), IN_REPLY);
  }
  writer.flush();
  const taken: [packets: number, bytes: number][] = [];
  for (let blocks = reader.take(300); blocks !== undefined; blocks = reader.take(10)) {
    taken.push([reader.takenPackets, blocks.length]);
  }
  assertEquals(taken, [[2, 288], [1, 144]]);
});

/** The block of a packet of zeros, received while MemoryDevice's clock stands at 2026-01-02T03:04:05.6789012Z. */
function blockOf(
  capturedLength: number,
  originalLength: number,
  direction: typeof INBOUND | typeof OUTBOUND,
  dropCount: number,
  comment?: Comment,
): Uint8Array {
  const words = new Int32Array(enhancedPacketLength(capturedLength, dropCount, comment) / 4);
  const length = writeEnhancedPacketFrame(words, 0, capturedLength, originalLength, dropCount, comment);
  const timeNs = 1_767_323_045_678_901_200n;
  setPacketTime(words, 0, Number(timeNs >> 32n), Number(timeNs & 0xFFFF_FFFFn));
  setPacketDirection(words, length, direction);
  return new Uint8Array(words.buffer);
}

Deno.test("what is taken are the blocks of a capture", () => {
  const device = new MemoryDevice([new Uint8Array(6), new Uint8Array(3)]);
  const memory = createTapMemory(1024);
  const [writer, reader] = [new TapWriter(device.packets, memory, 5), new TapReader(memory)];
  writer.commit(writer.begin(device.packets.receive(), 6), IN_IGNORED);
  writer.commit(writer.begin(device.packets.receive(), 3), OUT_REPLY);
  writer.flush();
  const blocks = Array.from(reader.take(Infinity)!);
  assertEquals(blocks, [...blockOf(5, 6, INBOUND, 0), ...blockOf(3, 3, OUTBOUND, 0)]);
});

Deno.test("the packet behind a gap says how many are missing, and that they are", () => {
  const device = new MemoryDevice(Array.from({ length: 6 }, () => new Uint8Array(100)));
  const memory = createTapMemory(300);
  const [writer, reader] = [new TapWriter(device.packets, memory, 65_535), new TapReader(memory)];
  const tapNext = (): boolean => {
    const record = writer.begin(device.packets.receive(), 100);
    if (record >= 0) writer.commit(record, IN_REPLY);
    writer.flush();
    return record >= 0;
  };
  assertEquals(Array.from({ length: 5 }, tapNext), [true, true, false, false, false]);
  read(reader, () => {});
  assert(tapNext());
  const comment = encodeComment(
    "Packets before this one are missing: they came faster than they were written.",
  );
  assertEquals(Array.from(reader.take(Infinity)!), [...blockOf(100, 100, INBOUND, 3, comment)]);
});
