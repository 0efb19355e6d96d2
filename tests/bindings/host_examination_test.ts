import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Finding } from "../../src/tun/findings.ts";
import type { Host } from "../../src/tun/host.ts";
import { control, libraries } from "./fixture.ts";
import { hostTest } from "./host_fixture.ts";

async function examine(host: Host): Promise<Map<string, Finding>> {
  return new Map((await host.examine()).map((finding) => [finding.check, finding]));
}

function results(findings: ReadonlyMap<string, Finding>): Record<string, string> {
  return Object.fromEntries(Array.from(findings, ([check, { result }]) => [check, result]));
}

/** The emulator has only the functions that its tests need: to the program, it is a Windows that lacks the others. */
hostTest(
  "examine() finds nothing wrong with a machine on which all is well but for missing functions",
  async (host) => {
    control.EmulatorSetElevated(1);
    using _adapter = await host.create({ name: "lab", type: "T" });
    const findings = await examine(host);
    assertEquals(results(findings), {
      platform: "ok",
      functions: "failed",
      elevation: "ok",
      devices: "ok",
      legacy: "ok",
      owners: "ok",
      "dns-rules": "ok",
      services: "ok",
      library: "ok",
      driver: "ok",
    });
    assertStringIncludes(findings.get("devices")!.message, "Wintun adapters: 1");
    assertStringIncludes(findings.get("driver")!.message, "Driver 0.14");
  },
);

hostTest("examine() warns a process that is not elevated, and says what to do", async (host) => {
  control.EmulatorSetElevated(0);
  const elevation = (await examine(host)).get("elevation")!;
  assertEquals(elevation.result, "warning");
  assertStringIncludes(elevation.hint, "administrator");
});

hostTest("examine() warns of devices that are left of adapters", async (host) => {
  control.EmulatorSetOrphanedDevices(2);
  using _adapter = await host.create({ name: "lab", type: "T" });
  const devices = (await examine(host)).get("devices")!;
  assertEquals(devices.result, "warning");
  assertStringIncludes(devices.message, "without an adapter: 2");
});

hostTest(
  "examine() fails for a wintun.dll that cannot be loaded, and names it",
  async (host) => {
    const findings = await examine(host);
    const library = findings.get("library")!;
    assertEquals([library.result, findings.has("driver")], ["failed", false]);
    assertStringIncludes(library.message, "/nowhere/wintun.dll");
    assertStringIncludes(library.hint, "wintun.dll");
  },
  () => ({ libraries: { ...libraries, wintun: "/nowhere/wintun.dll" } }),
);

for (const removeLegacy of [false, true]) {
  hostTest(
    `examine() loads no wintun.dll that would remove legacy devices (removeLegacy: ${removeLegacy})`,
    async (host, log) => {
      control.EmulatorSetLegacyDevices(1);
      const { legacy, library, driver } = results(await examine(host));
      assertEquals([legacy, library, driver], ["failed", "ok", undefined]);
      assertEquals(log, []);
    },
    () => ({ removeLegacy }),
  );
}
