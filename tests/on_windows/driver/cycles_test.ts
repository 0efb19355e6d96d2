import { assert, assertEquals } from "@std/assert";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { openWintun } from "../../../src/wintun/library.ts";
import { attachRings } from "../../../src/wintun/rings.ts";
import { systemFunctions } from "../../../src/windows/system_functions.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { MIN_RING_CAPACITY } from "../../../src/wintun/symbols.ts";
import { isWindowsWorld, wintunPath } from "../libraries.ts";
import { traces } from "../traces.ts";

const libraries = new SystemLibraries();
/** The real driver takes a second for each. */
const CYCLES = isWindowsWorld ? 100 : 10;

const wintun = openWintun(wintunPath, libraries);

const kernel32 = libraries.bind(systemFunctions("kernel32", {
  GetCurrentProcess: { parameters: [], result: "pointer" },
  GetProcessHandleCount: { parameters: ["pointer", "buffer"], result: "i32" },
}));

/** Open handles of this process (GetProcessHandleCount). */
function handleCount(): number {
  const count = new Uint32Array(1);
  assert(kernel32.GetProcessHandleCount(kernel32.GetCurrentProcess(), count) !== 0);
  return count[0];
}

function cycle(): void {
  using adapter = Adapter.create(wintun, "cycle", "Wintun", null);
  using opened = Adapter.open(wintun, "cycle");
  assertEquals(opened.luid, adapter.luid);
  using session = opened.startSession(MIN_RING_CAPACITY);
  using _rings = attachRings(session.attachment);
}

Deno.test(`${CYCLES} times create, open, serve and close leave no handle and no device behind`, () => {
  const before = traces();
  for (let count = 0; count < 5; count++) cycle(); // until every library is loaded and every thread pool has its threads
  const handles = handleCount();
  for (let count = 0; count < CYCLES; count++) cycle();
  assert(handleCount() <= handles + 5, `${handles} handles grew to ${handleCount()}`);
  assertEquals(traces(), before);
});
