import { assert, assertEquals } from "@std/assert";
import { WAIT_OBJECT_0, waitForObject } from "../../../src/windows/handle.ts";
import { SystemLibraries } from "../../../src/windows/system_libraries.ts";
import { HighResolutionTimer } from "../../../src/windows/timer.ts";

Deno.test("a high-resolution timer ends waits of a few milliseconds on time, and none early", () => {
  const libraries = new SystemLibraries();
  using timer = HighResolutionTimer.create(libraries);
  const handle = Deno.UnsafePointer.create(timer.handle);
  const late: number[] = [];
  for (let round = 0; round < 200; round++) {
    const waitUs = 500 + 100 * (round % 50);
    const before = performance.now();
    timer.start(waitUs);
    assertEquals(waitForObject(libraries, handle, 5000), WAIT_OBJECT_0);
    late.push(performance.now() - before - waitUs / 1000);
  }
  late.sort((one, other) => one - other);
  // The clocks differ a little.
  assert(late[0] > -0.2, `one ended ${-late[0]} ms early`);
  // A timer that keeps to the ticks of the system's clock, 15.6 ms, is at least 10 ms late. On a machine that has other work,
  // some waits take longer.
  assert(late[50] < 3, `of a quarter of the waits, each was less than ${late[50]} ms late`);
});

Deno.test("a timer that is started again ends at the later time only", () => {
  const libraries = new SystemLibraries();
  using timer = HighResolutionTimer.create(libraries);
  const handle = Deno.UnsafePointer.create(timer.handle);
  const before = performance.now();
  // So much later that a busy machine does not let the first time come in between.
  timer.start(300_000);
  timer.start(600_000);
  assertEquals(waitForObject(libraries, handle, 5000), WAIT_OBJECT_0);
  assert(performance.now() - before >= 599, `it took ${performance.now() - before} ms`);
});
