import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { AdapterInfo } from "../../src/tun/adapter_info.ts";
import type { Host } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { CALL } from "../emulator/control.ts";
import { control, counts, emulatorTest, libraries } from "./fixture.ts";
import { assertHostError, hostTest, infoOf } from "./host_fixture.ts";

hostTest("create() gives an adapter that list() and find() show, until it is closed", async (host) => {
  assertEquals(await host.list(), []);
  const guid = "deadbabe-cafe-beef-0123-456789abcdef";
  const adapter = await host.create({ name: "Lab", type: "Test", guid });
  assert(adapter.created);
  const expected: AdapterInfo = {
    name: "Lab",
    type: "Test",
    guid,
    luid: adapter.info.luid,
    ifIndex: adapter.info.ifIndex,
    instanceId: `SWD\\Wintun\\{${guid.toUpperCase()}}`,
    driverVersion: "0.14.0.0",
    state: "down",
    mtu: 65535,
    metric: 5,
    addresses: [],
    owner: { pid: Deno.pid, ours: true, role: "command" },
  };
  assertEquals(adapter.info, expected);
  const { details } = (await host.find("lab"))!;
  const ip = { mtu: 65535, metric: 5, automaticMetric: true, forwarding: false };
  const { traffic: _, ...settings } = details!;
  const dns = { dns: [], dnsSuffix: "", dnsSearch: [], dnsRegistration: false, dnsFor: [] };
  assertEquals(settings, { connected: false, ip: { 4: ip, 6: ip }, routes: [], ...dns });
  const shown = { ...expected, details: details!, session: { pid: Deno.pid } };
  assertEquals(await host.list(), [shown]);
  assertEquals(await host.find("lab"), shown);
  assertEquals(await host.find(`{${guid.toUpperCase()}}`), shown);
  adapter.close();
  assertEquals([await host.list(), await host.find("Lab")], [[], undefined]);
});

hostTest("create() without elevation is refused before wintun.dll is opened", async (host, log) => {
  control.EmulatorSetElevated(0);
  const error = await assertHostError("not-elevated", () => host.create({ name: "lab", type: "T" }));
  assert(error.hint.includes("administrator"));
  assertEquals(log, []);
});

hostTest("list() and find() need no elevation", async (host) => {
  control.EmulatorSetElevated(0);
  assertEquals([await host.list(), await host.find("lab")], [[], undefined]);
});

hostTest("stop() of an adapter that has gone by itself finds none", async (host) => {
  const adapter = await host.create({ name: "lab", type: "T" });
  const [info] = await host.list();
  adapter.close();
  await assertHostError("not-found", () => host.stop(info, 1000));
});

hostTest(
  "remove() takes the device away under its holder, and finds none when that has let go",
  async (host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    using other = await host.create({ name: "other", type: "T" });
    const info = (await host.find("lab"))!;
    await host.remove(info);
    assertEquals((await host.list()).map(({ name, state }) => [name, state]), [
      ["lab", "lost"],
      [other.info.name, "down"],
    ]);
    adapter.close();
    assertEquals((await host.list()).map(({ name }) => name), [other.info.name]);
    await assertHostError("not-found", () => host.remove(info));
  },
);

hostTest("remove() takes away what Windows remembers of an adapter that is gone", async (host) => {
  control.EmulatorSetOrphanedDevices(1);
  const [orphan] = await host.list({ all: true });
  assertEquals([orphan.name, orphan.state], ["gone", "orphaned"]);
  await assertHostError("failed", () => host.remove(orphan));
  await host.remove(orphan, { force: true });
  assertEquals(await host.list({ all: true }), []);
});

hostTest("open() gives an adapter whose close() leaves it there", async (host) => {
  using _created = await host.create({ name: "lab", type: "T" });
  const opened = await host.open("LAB");
  assertEquals([opened.created, opened.info.name], [false, "lab"]);
  opened.close();
  assertEquals((await host.list()).length, 1);
});

hostTest("open() says not-found for a name that no adapter has", async (host) => {
  await assertHostError("not-found", () => host.open("nobody"));
});

hostTest("openSession() says busy while another session is open", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  using _session = adapter.openSession(MIN_RING_CAPACITY);
  const error = assertThrows(() => adapter.openSession(MIN_RING_CAPACITY), HostError);
  assertEquals(error.kind, "busy");
});

hostTest("openSession() passes an unexpected error on as a Windows error", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  control.EmulatorFailNext(CALL.startSession, 5, 1);
  assertEquals(assertThrows(() => adapter.openSession(MIN_RING_CAPACITY), Win32Error).code, 5);
});

hostTest("state is up while a session is open", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const session = adapter.openSession(MIN_RING_CAPACITY);
  assertEquals((await infoOf(host, adapter)).state, "up");
  session.close();
  assertEquals((await infoOf(host, adapter)).state, "down");
});

hostTest("what wintun.dll logs arrives, at the latest with close()", async (host, log) => {
  control.EmulatorFailNext(CALL.createAdapter, 4, 1);
  await assertRejects(() => host.create({ name: "nobody", type: "T" }));
  await host.close();
  assert(
    log.some(({ level, message }) => level === "error" && message.includes("nobody")),
    JSON.stringify(log),
  );
});

emulatorTest("close() closes the adapters that are still held", async () => {
  const host = await openWindowsHost({ libraries });
  const adapter = await host.create({ name: "lab", type: "T" });
  adapter.openSession(MIN_RING_CAPACITY);
  await host.close();
  assertEquals([counts().adapters, counts().sessions], [0, 0]);
  await host.close();
});

emulatorTest("a wintun.dll that cannot be loaded is a library error that names the file", async () => {
  await using host = await openWindowsHost({ libraries: { ...libraries, wintun: "/nowhere/wintun.dll" } });
  const error = await assertHostError("library", () => host.create({ name: "lab", type: "T" }));
  assert(error.message.includes("/nowhere/wintun.dll"), error.message);
});

emulatorTest("list() opens no wintun.dll", async () => {
  await using host = await openWindowsHost({ libraries: { ...libraries, wintun: "/nowhere/wintun.dll" } });
  assertEquals(await host.list(), []);
});

const NEEDS_ELEVATION: Record<string, (host: Host, info: AdapterInfo) => Promise<unknown>> = {
  check: (host) => host.check({ name: "other", type: "T" }),
  open: (host) => host.open("lab"),
  configure: (host, { luid }) => host.configure(luid, { metric: 3 }),
  stop: (host, info) => host.stop(info, 100),
  remove: (host, info) => host.remove(info),
  removeDriver: (host) => host.removeDriver(),
};
for (const [name, call] of Object.entries(NEEDS_ELEVATION)) {
  hostTest(`${name}() says not-elevated where this process is not, and does nothing`, async (host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    const before = await host.list();
    control.EmulatorSetElevated(0);
    const error = await assertHostError("not-elevated", () => call(host, adapter.info));
    assert(error.hint.includes("administrator"), error.hint);
    assertEquals(await host.list(), before);
  });
}

hostTest("removeDriver() says busy while an adapter uses the driver, and works without", async (host) => {
  const adapter = await host.create({ name: "lab", type: "T" });
  await assertHostError("busy", () => host.removeDriver());
  adapter.close();
  await host.removeDriver();
});

hostTest("removeDriver() tells whether a driver was loaded", async (host) => {
  control.EmulatorSetDriverVersion(14);
  assertEquals(await host.removeDriver(), true);
  control.EmulatorSetDriverVersion(0);
  assertEquals(await host.removeDriver(), false);
});

hostTest("removeDriver() passes an unexpected error on as a Windows error", async (host) => {
  control.EmulatorFailNext(CALL.deleteDriver, 4319, 1);
  assertEquals((await assertRejects(() => host.removeDriver(), Win32Error)).code, 4319);
});

hostTest("open() of an adapter that goes while it is opened finds none, and lets go of it", async (host) => {
  using _created = await host.create({ name: "lab", type: "T" });
  // Wintun opens the adapter, but Windows no longer has its interface.
  control.EmulatorFailNext(CALL.getInterface, 2, 1000);
  await assertHostError("not-found", () => host.open("lab"));
});

hostTest(
  "list() with all shows the devices that Windows remembers of adapters that are gone",
  async (host) => {
    control.EmulatorSetOrphanedDevices(2);
    using adapter = await host.create({ name: "lab", type: "T" });
    const shown = (await host.list({ all: true })).map(({ instanceId, state }) => [instanceId, state]);
    assertEquals(shown, [
      [adapter.info.instanceId, "down"],
      ["SWD\\Wintun\\{DEAD0000-0000-0000-0000-000000000000}", "orphaned"],
      ["SWD\\Wintun\\{DEAD0001-0000-0000-0000-000000000000}", "orphaned"],
    ]);
    assertEquals((await host.list()).length, 1);
  },
);
