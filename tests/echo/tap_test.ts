import { assert, assertEquals } from "@std/assert";
import {
  createTapMemory,
  IN_REPLY,
  OUT_REPLY,
  type TappedPacket,
  TapReader,
  TapWriter,
} from "../../src/echo/tap.ts";
import { MemoryDevice } from "./memory_device.ts";

/** Packets of the given sizes; byte 0 of each is its number. */
function deviceWith(sizes: readonly number[]): MemoryDevice {
  return new MemoryDevice(sizes.map((size, index) => new Uint8Array(size).fill(index)));
}

Deno.test("TapReader reads nothing from a new tap", () => {
  assertEquals(new TapReader(createTapMemory(1024)).read(() => {}), 0);
});

Deno.test("a record that was begun but not committed is not read, and its room is used again", () => {
  const device = deviceWith([40]);
  const memory = createTapMemory(1024);
  const writer = new TapWriter(device, memory, 64);
  const offset = device.receive();
  assertEquals(writer.begin(offset, 40), writer.begin(offset, 40));
  assertEquals(new TapReader(memory).read(() => {}), 0);
});

Deno.test("packets of every size come through a small tap whole and in order, around its end many times", () => {
  const sizes = Array.from({ length: 20_000 }, (_, index) => (index * 37) % 300);
  const device = deviceWith(sizes);
  const memory = createTapMemory(2000);
  const [writer, reader] = [new TapWriter(device, memory, 250), new TapReader(memory)];
  let read = 0;
  const check = (packet: TappedPacket): void => {
    const size = sizes[read];
    assertEquals(packet.length, size);
    assertEquals(packet.bytes.length, Math.min(size, 250));
    assert(packet.bytes.every((byte) => byte === (read & 0xFF)));
    assertEquals(packet.direction, read % 2 === 0 ? "in" : "out");
    read++;
  };
  for (let written = 0; written < sizes.length; written++) {
    const offset = device.receive();
    let record = writer.begin(offset, device.receivedSize);
    if (record < 0) {
      assert(reader.read(check) > 0);
      record = writer.begin(offset, device.receivedSize);
    }
    writer.commit(record, written % 2 === 0 ? IN_REPLY : OUT_REPLY);
    if (written % 3 === 0) reader.read(check, 2);
  }
  while (reader.read(check) > 0);
  assertEquals(read, sizes.length);
});

Deno.test("a packet larger than the whole tap never fits, and does not harm what follows", () => {
  const device = deviceWith([5000, 10]);
  const memory = createTapMemory(1024);
  const writer = new TapWriter(device, memory, 65_535);
  assertEquals(writer.begin(device.receive(), 5000), -1);
  const record = writer.begin(device.receive(), 10);
  writer.commit(record, IN_REPLY);
  assertEquals(new TapReader(memory).read((packet) => assertEquals(packet.length, 10)), 1);
});
