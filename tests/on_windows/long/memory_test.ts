/** The memory of this program over many adapters on the signed wintun.dll. */

import { assert, assertEquals } from "@std/assert";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { attachRings } from "../../../src/wintun/rings.ts";
import { MIN_RING_CAPACITY } from "../../../src/wintun/symbols.ts";
import { THING } from "../../emulator/control.ts";
import { control, wintun } from "../faults/fixture.ts";

const WARM_UP = 1_000;
const CYCLES = 10_000;
const MIB = 1024 * 1024;

function cycle(): void {
  using adapter = Adapter.create(wintun, "lab", "Wintun", null);
  using opened = Adapter.open(wintun, "lab");
  using session = opened.startSession(MIN_RING_CAPACITY);
  using _rings = attachRings(session.attachment);
  void adapter.luid;
}

/** Returns the size of JavaScript's memory. That of the process grows too, because Wine's setupapi.dll keeps some kilobytes of each device. */
function javascriptMiB(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return (heapUsed + external) / MIB;
}

Deno.test(`${CYCLES} times create, open, serve and close leave no memory of this program behind`, () => {
  for (let count = 0; count < WARM_UP; count++) cycle();
  const before = javascriptMiB();
  for (let count = 0; count < CYCLES; count++) cycle();
  const grown = javascriptMiB() - before;
  // A cycle that kept an object of 400 bytes would be 4 MiB. The rest is not garbage-collected yet.
  assert(grown < 4, `JavaScript's memory grew by ${grown.toFixed(1)} MiB`);
  for (const thing of ["adapters", "sessions"] as const) assertEquals(control.EmulatorCount(THING[thing]), 0);
});
