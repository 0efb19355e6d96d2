import { assert, assertEquals } from "@std/assert";
import { System, systemPaths } from "../../../src/windows/system.ts";

Deno.test("a process is told from an ended one, and from another that has its number", async () => {
  using system = new System(systemPaths());
  const { processes } = system;
  const self = processes.self();
  assertEquals(self.pid, Deno.pid);
  assert(processes.isRunning(self));
  assert(!processes.isRunning({ pid: self.pid, started: self.started - 1n }));
  const { success } = await new Deno.Command("cmd", { args: ["/c", "exit"], stdin: "null" }).output();
  assert(success);
  assert(!processes.isRunning({ pid: 0xFFFF_FFF0, started: self.started }));
});

Deno.test("a signal reaches the process that waits for it, by name, and nobody else's name is one", async () => {
  using system = new System(systemPaths());
  const name = `Global\\wintun test ${crypto.randomUUID()}`;
  assertEquals(system.namedObjects.setSignal(name), false);
  const signal = system.namedObjects.createSignal(name);
  assertEquals(system.namedObjects.setSignal(name), true);
  assertEquals(await signal.wasSet, true);
  signal.close();
  assertEquals(system.namedObjects.setSignal(name), false);
});

Deno.test("a signal that is closed was not set", async () => {
  using system = new System(systemPaths());
  const signal = system.namedObjects.createSignal(`Global\\wintun test ${crypto.randomUUID()}`);
  signal.close();
  assertEquals(await signal.wasSet, false);
});

Deno.test("what runs exclusively gives its turn back, also when it fails", async () => {
  using system = new System(systemPaths());
  const name = `Global\\wintun test ${crypto.randomUUID()}`;
  const failed = await system.namedObjects.exclusively(name, 1000, () => Promise.reject(new Error("no")))
    .catch((error) => error.message);
  assertEquals(failed, "no");
  assertEquals(await system.namedObjects.exclusively(name, 1000, () => Promise.resolve(1)), 1);
});

Deno.test("registry values are read as they were written, and vanish with their key", () => {
  using system = new System(systemPaths());
  const path = `SOFTWARE\\wintun test ${crypto.randomUUID()}`;
  assertEquals(system.registry.open(path), undefined);
  {
    using key = system.registry.createVolatile(`${path}\\sub`);
    key.setText("Text", "Käfig 🦊");
    key.setDword("Number", 0xFFFF_FFFF);
    key.setQword("Big", 0xFFFF_FFFF_FFFF_FFFFn);
  }
  {
    using key = system.registry.open(`${path}\\sub`)!;
    assertEquals([key.text("Text"), key.dword("Number")], ["Käfig 🦊", 0xFFFF_FFFF]);
    assertEquals(key.qword("Big"), 0xFFFF_FFFF_FFFF_FFFFn);
    assertEquals([key.text("Number"), key.dword("Text"), key.qword("None")], [
      undefined,
      undefined,
      undefined,
    ]);
  }
  {
    using parent = system.registry.open(path)!;
    assertEquals(parent.subkeys(), ["sub"]);
  }
  assertEquals(system.registry.delete(path), false);
  assertEquals([system.registry.delete(`${path}\\sub`), system.registry.delete(path)], [true, true]);
});
