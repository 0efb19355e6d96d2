import { assertEquals } from "@std/assert";
import { machineTest } from "../machine.ts";

machineTest("create says that there is an adapter when its result cannot be written", async (machine) => {
  const running = machine.run("create", "lab");
  machine.environment.stdout.write = () => {
    throw new Error("No space left on device (os error 28)");
  };
  assertEquals(await running, 1);
  assertEquals(machine.environment.stderr.lines, [
    'error: Adapter "lab" was created, but the result could not be written: Cannot write to stdout: ' +
    "No space left on device (os error 28). wintun list shows the adapter, and wintun delete removes it.",
  ]);
  assertEquals((await machine.host.list()).map(({ name }) => name), ["lab"]);
});
