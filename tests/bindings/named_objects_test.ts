import { assertEquals, assertRejects } from "@std/assert";
import { MutexTimeoutError } from "../../src/windows/named_objects.ts";
import { PrivateNamespace } from "../../src/windows/private_namespace.ts";
import { systemFunctions } from "../../src/windows/system_functions.ts";
import { System } from "../../src/windows/system.ts";
import { fromWideString, toWideString } from "../../src/windows/wide_string.ts";
import { ERROR_ACCESS_DENIED, Win32Error } from "../../src/windows/win32_error.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";

const FUNCTIONS = systemFunctions("kernel32", {
  CreateMutexW: { parameters: ["pointer", "i32", "buffer"], result: "pointer", nonblocking: true },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
  EmulatorCopyNamespaceDescriptor: { parameters: ["buffer", "u32"], result: "u32" },
});

const name = `wintun test ${crypto.randomUUID()}`;

/** Holds a mutex as another process would: the mutex belongs to the thread of the pool that creates it. */
async function holdMutex(system: System, mutex: string): Promise<Disposable> {
  const { CreateMutexW, CloseHandle } = system.libraries.bind(FUNCTIONS);
  const handle = await CreateMutexW(null, 1, toWideString(mutex));
  if (handle === null) throw new Error(`no mutex ${mutex}`);
  return { [Symbol.dispose]: () => CloseHandle(handle) };
}

emulatorTest(
  "exclusively() gives up after its time when an administrator's thread holds the lock, and runs nothing",
  async () => {
    using system = new System(libraries);
    let runs = 0;
    const run = (): Promise<number> => Promise.resolve(++runs);
    {
      using _inside = PrivateNamespace.enter(system.libraries, name);
      using _held = await holdMutex(system, `${name}\\lock`);
      await assertRejects(() => system.namedObjects.exclusively(name, 50, run), MutexTimeoutError);
      assertEquals(runs, 0);
      assertEquals(await system.namedObjects.exclusively(`${name} 2`, 50, run), 1);
    }
    assertEquals(await system.namedObjects.exclusively(name, 50, run), 2);
  },
);

emulatorTest("exclusively() does not heed a mutex that everybody can make", async () => {
  using system = new System(libraries);
  using _squatted = await holdMutex(system, `Global\\${name}`);
  assertEquals(await system.namedObjects.exclusively(name, 0, () => Promise.resolve(1)), 1);
});

emulatorTest("only an elevated process comes into the namespace of the lock", async () => {
  using system = new System(libraries);
  control.EmulatorSetElevated(0);
  const error = await assertRejects(
    () => system.namedObjects.exclusively(name, 0, () => Promise.resolve(1)),
    Win32Error,
  );
  assertEquals(error.code, ERROR_ACCESS_DENIED);
  control.EmulatorSetElevated(1);
  assertEquals(await system.namedObjects.exclusively(name, 0, () => Promise.resolve(1)), 1);
});

emulatorTest("only administrators and the system may open the namespace of the lock", () => {
  using system = new System(libraries);
  PrivateNamespace.enter(system.libraries, name)?.close();
  const text = new Uint16Array(128);
  const { EmulatorCopyNamespaceDescriptor } = system.libraries.bind(FUNCTIONS);
  EmulatorCopyNamespaceDescriptor(text, text.length);
  assertEquals(fromWideString(text), "D:P(A;;GA;;;SY)(A;;GA;;;BA)");
});

emulatorTest(
  "exclusively() lets one caller of this process in after the other, whatever host they use",
  async () => {
    using first = new System(libraries);
    using second = new System(libraries);
    const order: string[] = [];
    const visit = (visitor: string) => async (): Promise<void> => {
      order.push(`${visitor} in`);
      await new Promise((resolve) => setTimeout(resolve, 60));
      order.push(`${visitor} out`);
    };
    await Promise.all([
      first.namedObjects.exclusively(name, 10_000, visit("a")),
      second.namedObjects.exclusively(name, 10_000, visit("b")),
      first.namedObjects.exclusively(name, 10_000, () => Promise.reject(new Error("no"))).catch(() => {}),
    ]);
    assertEquals(order, ["a in", "a out", "b in", "b out"]);
  },
);

emulatorTest("a signal is set by its name alone, and only while its maker keeps it", async () => {
  using system = new System(libraries);
  const event = `Global\\${name}`;
  assertEquals(system.namedObjects.setSignal(event), false);
  const signal = system.namedObjects.createSignal(event);
  assertEquals(system.namedObjects.setSignal(event.toUpperCase()), false);
  assertEquals(system.namedObjects.setSignal(event), true);
  assertEquals(await signal.wasSet, true);
  signal.close();
  assertEquals(system.namedObjects.setSignal(event), false);
});
