/** How long the signed wintun.dll waits for Windows, and what the program reports then. */

import { assertEquals, assertMatch } from "@std/assert";
import { Adapter } from "../../../src/wintun/adapter.ts";
import { adapterTest, ask, list, must } from "../adapters.ts";
import { installOldDriver } from "../faults/old_driver.ts";
import { logged, wintun } from "../faults/fixture.ts";

/** Runs `body` on a machine with that fault, which the programs that it starts have too. */
async function withFault(name: string, body: () => Promise<void>): Promise<void> {
  Deno.env.set("WINTUN_WORLD_FAULTS", name);
  try {
    await body();
  } finally {
    Deno.env.delete("WINTUN_WORLD_FAULTS");
  }
}

adapterTest("create ends with 9 when no interface appears within 15 s, and leaves nothing", async () => {
  await withFault("no-interface", async () => {
    // A service would not have the fault: Windows starts it.
    const { code, error } = await ask("create", "lab", "--foreground");
    assertEquals([code, error.reason], [9, "Windows has not started the device"]);
    assertEquals(error.symbol, "ERROR_DEVICE_NOT_AVAILABLE");
  });
  assertEquals(await list(), []);
  await must("create", "lab");
  await must("delete", "lab");
});

adapterTest(
  "create succeeds although an older driver stays loaded for 75 s, and the log asks for a reboot",
  async () => {
    using _used = Adapter.create(wintun, "in use", "T", null);
    await installOldDriver();
    await withFault("driver-stays-loaded", async () => {
      const log = await logged(() => Adapter.create(wintun, "new", "T", null).close());
      const warnings = log.filter((line) => line.startsWith("warning"));
      assertEquals(warnings.length, 1, log.join("\n"));
      assertMatch(warnings[0], /Failed to unload existing driver, .* reboot/);
    });
    assertEquals((await list()).map(({ name }) => name), ["in use"]);
  },
);
