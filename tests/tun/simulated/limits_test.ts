import { assert, assertEquals } from "@std/assert";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { MAX_PACKET_BYTES, PacketRing, RING_CORRUPT, ringBytes } from "../../../src/tun/simulated/ring.ts";
import { parseCidr } from "../../../src/wire/cidr.ts";

const CAPACITY = 0x20000;
const DATA_WORD = 2;

function openRing(): { words: Int32Array; ring: PacketRing } {
  const memory = new SharedArrayBuffer(ringBytes(CAPACITY));
  return { words: new Int32Array(memory), ring: new PacketRing(memory, 0, CAPACITY) };
}

function write(ring: PacketRing, size: number): boolean {
  if (ring.reserve(size) < 0) return false;
  ring.publish();
  return true;
}

Deno.test("PacketRing takes packets until four bytes are left, and never looks empty when it is full", () => {
  const { ring } = openRing();
  // Each record starts with its size, four bytes.
  assert(write(ring, CAPACITY / 2 - 4));
  assert(write(ring, CAPACITY / 2 - 8));
  assert(!write(ring, 0));
  assert(ring.take() >= 0);
});

Deno.test("PacketRing.take() reports a record larger than any packet, though as much was written", () => {
  const { words, ring } = openRing();
  for (let packet = 0; packet < 2; packet++) write(ring, 60_000);
  words[DATA_WORD] = MAX_PACKET_BYTES + 1;
  assertEquals(ring.take(), RING_CORRUPT);
});

Deno.test("SimulatedHost.configure() takes the smallest MTU that IPv6 can have", async () => {
  await using host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  await host.configure(adapter.info.luid, { addresses: [parseCidr("fd00::7/64")], mtu: 1280 });
  assertEquals((await host.find("lab"))?.mtu, 1280);
});
