import { assert } from "@std/assert";
import { Adapter } from "../../src/wintun/adapter.ts";
import { attachRings } from "../../src/wintun/rings.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { emulatorTest, inject, packetOf, wintun } from "./fixture.ts";

const CYCLES = 10_000;
const MIB = 1024 * 1024;

function cycle(): void {
  using adapter = Adapter.create(wintun, "lab", "Wintun", null);
  using opened = Adapter.open(wintun, "lab");
  using session = opened.startSession(MIN_RING_CAPACITY);
  using rings = attachRings(session.attachment);
  inject(session.attachment.session, packetOf(28));
  const offset = rings.receiveFirst();
  rings.packets.release(offset);
  void adapter.luid;
}

// `emulatorTest` checks that no adapter, handle, session, event or ring is left. This test checks the memory.
emulatorTest(`${CYCLES} times open, receive and close leave no memory behind`, () => {
  for (let count = 0; count < 1000; count++) cycle();
  const before = Deno.memoryUsage().rss;
  for (let count = 0; count < CYCLES; count++) cycle();
  const grown = (Deno.memoryUsage().rss - before) / MIB;
  // One leaked ring pair a cycle would be 3 GB, one leaked event 0.5 MB. The rest is not garbage-collected yet.
  assert(grown < 24, `resident memory grew by ${grown.toFixed(1)} MiB`);
});
