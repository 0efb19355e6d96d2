import { assertEquals, assertRejects } from "@std/assert";
import { MutexTimeoutError } from "../../src/windows/named_objects.ts";
import { System } from "../../src/windows/system.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { emulatorTest, libraries } from "./fixture.ts";

const SYMBOLS = {
  CreateMutexW: { parameters: ["pointer", "i32", "buffer"], result: "pointer", nonblocking: true },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const name = `Global\\wintun test ${crypto.randomUUID()}`;

emulatorTest(
  "exclusively() gives up after its time when another thread holds the mutex, and runs nothing",
  async () => {
    using system = new System(libraries);
    const { CreateMutexW, CloseHandle } = system.libraries.bind("kernel32", SYMBOLS);
    // It belongs to the thread of the pool that makes it.
    const mutex = await CreateMutexW(null, 1, toWideString(name));
    let runs = 0;
    const run = (): Promise<number> => Promise.resolve(++runs);
    await assertRejects(() => system.namedObjects.exclusively(name, 50, run), MutexTimeoutError);
    assertEquals(runs, 0);
    assertEquals(await system.namedObjects.exclusively(`${name} 2`, 50, run), 1);
    CloseHandle(mutex);
    assertEquals(await system.namedObjects.exclusively(name, 50, run), 2);
  },
);

emulatorTest("a signal is set by its name alone, and only while its maker keeps it", async () => {
  using system = new System(libraries);
  assertEquals(system.namedObjects.setSignal(name), false);
  const signal = system.namedObjects.createSignal(name);
  assertEquals(system.namedObjects.setSignal(name.toUpperCase()), false);
  assertEquals(system.namedObjects.setSignal(name), true);
  assertEquals(await signal.wasSet, true);
  signal.close();
  assertEquals(system.namedObjects.setSignal(name), false);
});
