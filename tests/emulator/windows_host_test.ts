import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Adapter, AdapterInfo, Host, LogLine } from "../../src/tun/host.ts";
import { HostError, type HostErrorKind } from "../../src/tun/host_error.ts";
import { openWindowsHost } from "../../src/tun/windows_host.ts";
import { WindowsOwners } from "../../src/tun/windows_owners.ts";
import { System, systemPaths } from "../../src/windows/system.ts";
import { ERROR_ALREADY_EXISTS, Win32Error } from "../../src/windows/win32_error.ts";
import { parseCidr } from "../../src/wire/cidr.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { CALL } from "./control.ts";
import { control, counts, emulatorTest, libraries } from "./fixture.ts";

function hostTest(name: string, body: (host: Host, log: LogLine[]) => Promise<void>): void {
  emulatorTest(name, async () => {
    const log: LogLine[] = [];
    await using host = await openWindowsHost({ libraries, log: (line) => log.push(line) });
    await body(host, log);
  });
}

async function assertHostError(kind: HostErrorKind, call: () => Promise<unknown>): Promise<HostError> {
  const error = await assertRejects(call, HostError);
  assertEquals(error.kind, kind, error.message);
  return error;
}

const cidrs = (...texts: string[]): ReturnType<typeof parseCidr>[] => texts.map(parseCidr);

async function infoOf(host: Host, adapter: Adapter): Promise<AdapterInfo> {
  return (await host.find(adapter.info.guid))!;
}

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
    state: "down",
    mtu: 65535,
    metric: 5,
    addresses: [],
    owner: { pid: Deno.pid, ours: true, role: "command" },
  };
  assertEquals(adapter.info, expected);
  assertEquals(await host.list(), [expected]);
  assertEquals(await host.find("lab"), expected);
  assertEquals(await host.find(`{${guid.toUpperCase()}}`), expected);
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

hostTest(
  "create() refuses a taken name, whatever its case, and leaves the other adapter its name",
  async (host) => {
    using first = await host.create({ name: "lab", type: "T" });
    await assertHostError("exists", () => host.create({ name: "LAB", type: "T" }));
    assertEquals((await infoOf(host, first)).name, "lab");
  },
);

hostTest("create() refuses a taken GUID", async (host) => {
  using first = await host.create({ name: "lab", type: "T" });
  await assertHostError("exists", () => host.create({ name: "other", type: "T", guid: first.info.guid }));
  assertEquals((await host.list()).length, 1);
});

for (const name of ["", " lab", "a/b", 'a"b', "a\tb", "n".repeat(128)]) {
  hostTest(`create() refuses the name ${JSON.stringify(name.slice(0, 10))}`, async (host) => {
    await assertHostError("invalid", () => host.create({ name, type: "T" }));
  });
}

hostTest("create() tries again when the adapter is still being removed (183)", async (host) => {
  control.EmulatorFailNext(CALL.createAdapter, 183, 2);
  using adapter = await host.create({ name: "lab", type: "T" });
  assertEquals(adapter.info.name, "lab");
});

hostTest("create() passes a failure of the driver on, and leaves no record", async (host) => {
  control.EmulatorFailNext(CALL.createAdapter, 4319, 1);
  const error = await assertRejects(() => host.create({ name: "lab", type: "T" }), Win32Error);
  assertEquals(error.code, 4319);
  using system = new System(systemPaths(libraries));
  assertEquals(system.registry.open("SOFTWARE\\wintun"), undefined);
});

hostTest("create() of a device that Windows does not start in time is a timeout", async (host) => {
  control.EmulatorFailNext(CALL.createAdapter, 258, 1);
  await assertHostError("timeout", () => host.create({ name: "lab", type: "T" }));
});

hostTest("stop() of an adapter that has gone by itself finds none", async (host) => {
  const adapter = await host.create({ name: "lab", type: "T" });
  const [info] = await host.list();
  adapter.close();
  await assertHostError("not-found", () => host.stop(info, 1000));
});

hostTest(
  "create() has recorded the owner before the adapter is there, so that it is never seen without",
  async (host) => {
    using system = new System(systemPaths(libraries));
    const owners = new WindowsOwners(system);
    // Wintun fails until the adapter is created at the second attempt.
    control.EmulatorFailNext(CALL.createAdapter, ERROR_ALREADY_EXISTS, 1);
    const creating = host.create({ name: "lab", type: "T", role: "keeper" });
    for (let tries = 0; tries < 200 && owners.list().length === 0; tries++) {
      await new Promise((wake) => setTimeout(wake, 1));
    }
    const [{ name, pid, role }] = owners.list();
    assertEquals([name, pid, role, (await host.list()).length], ["lab", Deno.pid, "keeper", 0]);
    using _adapter = await creating;
  },
);

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

hostTest("configure() sets addresses, MTU and metric of both families, once", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const settings = { addresses: cidrs("10.6.7.7/24", "fd00::7/64"), mtu: 1400, metric: 9 };
  assertEquals(await host.configure(adapter.info.luid, settings), { changed: true, warnings: [] });
  const { addresses, mtu, metric } = await infoOf(host, adapter);
  assertEquals({ addresses, mtu, metric }, {
    addresses: ["10.6.7.7/24", "fd00::7/64"],
    mtu: 1400,
    metric: 9,
  });
  assertEquals(await host.configure(adapter.info.luid, settings), { changed: false, warnings: [] });
});

hostTest("configure() makes the addresses those that are given", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const set = (...texts: string[]): Promise<unknown> =>
    host.configure(adapter.info.luid, { addresses: cidrs(...texts) });
  await set("10.6.7.7/24", "10.6.8.7/24", "fd00::7/64");
  await set("10.6.8.7/24", "10.6.7.7/16");
  assertEquals((await infoOf(host, adapter)).addresses.toSorted(), ["10.6.7.7/16", "10.6.8.7/24"]);
  assertEquals(await set(), { changed: true, warnings: [] });
  assertEquals((await infoOf(host, adapter)).addresses, []);
});

hostTest("configure() leaves alone what is not given", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  await host.configure(adapter.info.luid, { addresses: cidrs("10.6.7.7/24"), mtu: 1400 });
  await host.configure(adapter.info.luid, { metric: 3 });
  const { addresses, mtu, metric } = await infoOf(host, adapter);
  assertEquals({ addresses, mtu, metric }, { addresses: ["10.6.7.7/24"], mtu: 1400, metric: 3 });
});

hostTest("configure() makes a metric automatic again with 0", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  await host.configure(adapter.info.luid, { metric: 3 });
  assertEquals(await host.configure(adapter.info.luid, { metric: 0 }), { changed: true, warnings: [] });
  assertEquals(await host.configure(adapter.info.luid, { metric: 0 }), { changed: false, warnings: [] });
});

hostTest("configure() waits for an interface that Windows has not made yet", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  control.EmulatorFailNext(CALL.getIpv4Interface, 1168, 5);
  await host.configure(adapter.info.luid, { addresses: cidrs("10.6.7.7/24") });
  assertEquals((await infoOf(host, adapter)).addresses, ["10.6.7.7/24"]);
});

hostTest(
  "configure() refuses an MTU below 1280 with IPv6 addresses, asked for or there, and takes it without",
  async (host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    const { luid } = adapter.info;
    await assertHostError(
      "invalid",
      () => host.configure(luid, { mtu: 1279, addresses: cidrs("fd00::1/64") }),
    );
    await host.configure(luid, { addresses: cidrs("fd00::1/64") });
    await assertHostError("invalid", () => host.configure(luid, { mtu: 1279 }));
    await host.configure(luid, { mtu: 576, addresses: cidrs("10.6.7.7/24") });
    assertEquals((await infoOf(host, adapter)).mtu, 576);
  },
);

hostTest("configure() says when another interface has the address", async (host) => {
  using first = await host.create({ name: "one", type: "T" });
  using second = await host.create({ name: "two", type: "T" });
  await host.configure(first.info.luid, { addresses: cidrs("10.6.7.7/24") });
  const error = await assertHostError(
    "failed",
    () => host.configure(second.info.luid, { addresses: cidrs("10.6.7.7/24") }),
  );
  assert(error.message.includes("10.6.7.7/24"), error.message);
});

hostTest("configure() names the address that Windows refuses", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  control.EmulatorFailNext(CALL.createUnicastAddress, 87, 1);
  const error = await assertRejects(
    () => host.configure(adapter.info.luid, { addresses: cidrs("10.6.7.7/24") }),
    Win32Error,
  );
  assertEquals([error.code, error.operation.includes("10.6.7.7/24")], [87, true]);
});

hostTest(
  "configure() names the adapter and the family whose interface Windows refuses to set",
  async (host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    control.EmulatorFailNext(CALL.setIpInterface, 87, 1);
    const error = await assertRejects(() => host.configure(adapter.info.luid, { mtu: 1400 }), Win32Error);
    assertEquals(error.operation, 'Cannot configure adapter "lab": cannot set the IPv4 interface');
  },
);

hostTest("what wintun.dll logs arrives, at the latest with close()", async (host, log) => {
  await assertRejects(() => host.open("nobody"));
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
