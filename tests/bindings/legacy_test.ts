import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { keepAdapter } from "../../src/keeper/keep.ts";
import type { Host } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";
import type { LogLine } from "../../src/wintun/log_line.ts";

const LAB = { name: "lab", type: "T" };
const GUID = "deadbabe-cafe-beef-0123-456789abcdef";

/** Registers a test on a machine with that many devices of Wintun 0.13 or older, and always one device of another driver. */
function legacyTest(
  name: string,
  { devices, removeLegacy }: { readonly devices: number; readonly removeLegacy?: boolean },
  body: (host: Host, log: LogLine[]) => Promise<void>,
): void {
  emulatorTest(name, async () => {
    control.EmulatorSetElevated(1);
    control.EmulatorSetLegacyDevices(devices);
    const log: LogLine[] = [];
    const permission = removeLegacy === undefined ? {} : { removeLegacy };
    await using host = await openWindowsHost({ libraries, log: (line) => log.push(line), ...permission });
    await body(host, log);
  });
}

function warnings(log: readonly LogLine[]): string[] {
  return log.filter(({ level }) => level === "warning").map(({ message }) => message);
}

const removal = (ids: string): string =>
  `Loading ${libraries.wintun} removes devices of Wintun 0.13 or older: ${ids}.`;

for (const removeLegacy of [undefined, false]) {
  legacyTest(
    `what loads wintun.dll is refused where that removes legacy devices (removeLegacy: ${removeLegacy})`,
    { devices: 2, ...(removeLegacy === undefined ? {} : { removeLegacy }) },
    async (host, log) => {
      const calls: (() => Promise<unknown>)[] = [
        () => host.check(LAB),
        () => host.create(LAB),
        () => host.open("lab"),
        () => host.driverVersion(),
        () => host.removeDriver(),
      ];
      for (const call of calls) {
        const error = await assertRejects(call, HostError);
        assertEquals(error.kind, "failed");
        assertStringIncludes(error.message, "(ROOT\\NET\\0001, ROOT\\NET\\0002)");
        assertStringIncludes(error.hint, "--remove-legacy");
      }
      assertEquals([log, await host.list()], [[], []]);
    },
  );
}

legacyTest(
  "create() with removeLegacy succeeds, and one warning names the devices that go, and no others",
  { devices: 2, removeLegacy: true },
  async (host, log) => {
    using adapter = await host.create(LAB);
    assertEquals((await host.find("lab"))?.guid, adapter.info.guid);
    using _second = await host.create({ name: "lab 2", type: "T" });
    assertEquals(warnings(log), [removal("ROOT\\NET\\0001, ROOT\\NET\\0002")]);
  },
);

legacyTest(
  "check() with removeLegacy says what would be removed, and loads nothing",
  { devices: 1, removeLegacy: true },
  async (host, log) => {
    assertEquals((await host.check(LAB)).removes, ["ROOT\\NET\\0001"]);
    assertEquals(log, []);
  },
);

legacyTest(
  "driverVersion() with removeLegacy loads wintun.dll, and warns",
  { devices: 1, removeLegacy: true },
  async (host, log) => {
    assertEquals(await host.driverVersion(), undefined);
    assertEquals(warnings(log), [removal("ROOT\\NET\\0001")]);
  },
);

legacyTest(
  "removeLegacy warns of nothing where the only device below ROOT\\NET is of another driver",
  { devices: 0, removeLegacy: true },
  async (host, log) => {
    assertEquals((await host.check(LAB)).removes, []);
    using _adapter = await host.create(LAB);
    assertEquals(warnings(log), []);
  },
);

legacyTest(
  "list() shows legacy devices with all, and examine() fails for them without loading wintun.dll",
  { devices: 1 },
  async (host, log) => {
    assertEquals(await host.list(), []);
    const shown = await host.list({ all: true });
    assertEquals(shown.map(({ instanceId, state }) => [instanceId, state]), [["ROOT\\NET\\0001", "legacy"]]);
    const finding = (await host.examine()).find(({ check }) => check === "legacy")!;
    assertEquals(finding.result, "failed");
    assertStringIncludes(finding.message, "ROOT\\NET\\0001");
    assertStringIncludes(finding.hint, "--remove-legacy");
    assertEquals(log, []);
  },
);

legacyTest("an order that allows it lets a keeper remove legacy devices, and one that does not, does not", {
  devices: 1,
}, async (_, log) => {
  for (const removeLegacy of [false, true]) {
    const note = (line: LogLine): void => void log.push(line);
    await using host = await openWindowsHost({ libraries, removeLegacy, log: note });
    const stop = new AbortController();
    const keeping = keepAdapter(
      host,
      { request: { ...LAB, guid: GUID }, settings: {} },
      () => stop.abort(),
      stop.signal,
    );
    if (removeLegacy) assertEquals(await keeping, true);
    else assertStringIncludes((await assertRejects(() => keeping, HostError)).message, "(ROOT\\NET\\0001)");
  }
  assertEquals(warnings(log), [removal("ROOT\\NET\\0001")]);
});
