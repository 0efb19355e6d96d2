import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Adapter, Configured, Host } from "../../src/tun/host.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { applySettings } from "../../src/tun/windows/settings.ts";
import { getDnsServers } from "../../src/windows/network/dns.ts";
import { addRoute, listRoutes, removeRoute } from "../../src/windows/network/route.ts";
import { MIB_IPFORWARD_ROW2 } from "../../src/windows/network/layout.ts";
import { System, systemPaths } from "../../src/windows/system.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { formatCidr, parseCidr } from "../../src/wire/cidr.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { emulatorTest, libraries } from "./fixture.ts";

/** What a test has: an adapter, its host, and the system's functions as the host calls them. */
interface Fixture {
  readonly host: Host;
  readonly adapter: Adapter;
  readonly system: System;
}

function adapterTest(name: string, body: (fixture: Fixture) => Promise<void>): void {
  emulatorTest(name, async () => {
    await using host = await openWindowsHost({ libraries });
    using adapter = await host.create({ name: "lab", type: "T" });
    using system = new System(systemPaths(libraries));
    await body({ host, adapter, system });
  });
}

const cidrs = (...texts: string[]): ReturnType<typeof parseCidr>[] => texts.map(parseCidr);

function setRoutes({ host, adapter }: Fixture, ...texts: string[]): Promise<Configured> {
  return host.configure(adapter.info.luid, { routes: cidrs(...texts) });
}

/** The routes of the adapter that somebody set, or those that Windows made; sorted. */
function routesOf({ adapter, system }: Fixture, manual = true): string[] {
  return listRoutes(system.iphlpapi, adapter.info.luid)
    .filter((route) => route.manual === manual).map(formatCidr).sort();
}

async function assertCode(code: number, call: () => unknown): Promise<Win32Error> {
  const error = await assertRejects(async () => await call(), Win32Error);
  assertEquals(error.code, code, error.message);
  return error;
}

const CHANGED = { changed: true, warnings: [] };
const LEFT = { changed: false, warnings: [] };

adapterTest("configure() sets routes of both families, once", async (fixture) => {
  const routes = ["10.99.0.0/16", "fd99::/32"];
  assertEquals(await setRoutes(fixture, ...routes), CHANGED);
  assertEquals(routesOf(fixture), routes);
  assertEquals(await setRoutes(fixture, ...routes), LEFT);
  assertEquals(routesOf(fixture), routes);
});

adapterTest("configure() makes the routes those that are given", async (fixture) => {
  await setRoutes(fixture, "10.98.0.0/16", "10.99.0.0/16", "fd98::/32", "fd99::/32");
  assertEquals(await setRoutes(fixture, "10.99.0.0/16", "10.97.0.0/16", "fd98::/32"), CHANGED);
  assertEquals(routesOf(fixture), ["10.97.0.0/16", "10.99.0.0/16", "fd98::/32"]);
  assertEquals(await setRoutes(fixture), CHANGED);
  assertEquals(routesOf(fixture), []);
});

adapterTest("configure() tells routes apart that differ in length only", async (fixture) => {
  await setRoutes(fixture, "0.0.0.0/0", "0.0.0.0/1", "::/0");
  await setRoutes(fixture, "0.0.0.0/1", "::/0");
  assertEquals(routesOf(fixture), ["0.0.0.0/1", "::/0"]);
});

adapterTest("configure() leaves the routes alone when none are given", async (fixture) => {
  await setRoutes(fixture, "10.99.0.0/16");
  await fixture.host.configure(fixture.adapter.info.luid, { metric: 3 });
  assertEquals(routesOf(fixture), ["10.99.0.0/16"]);
});

adapterTest(
  "configure() leaves the routes of the addresses, and adds none that is one of them",
  async (fixture) => {
    const settings = { addresses: cidrs("10.6.7.7/20", "fd00::7/64"), routes: cidrs("10.6.0.0/20") };
    await fixture.host.configure(fixture.adapter.info.luid, settings);
    assertEquals(routesOf(fixture, false), ["10.6.0.0/20", "fd00::/64"]);
    assertEquals(routesOf(fixture), []);
    assertEquals(await setRoutes(fixture), LEFT);
    assertEquals(routesOf(fixture, false), ["10.6.0.0/20", "fd00::/64"]);
  },
);

adapterTest("configure() names the route that Windows refuses, and keeps the others", async (fixture) => {
  await setRoutes(fixture, "10.98.0.0/16");
  const error = await assertCode(87, () => setRoutes(fixture, "10.99.1.2/16"));
  assert(error.operation.includes("10.99.1.2/16"), error.message);
  assertEquals(routesOf(fixture), ["10.98.0.0/16"]);
});

emulatorTest("two adapters may have the same route, and a route goes with its adapter", async () => {
  await using host = await openWindowsHost({ libraries });
  using system = new System(systemPaths(libraries));
  using first = await host.create({ name: "one", type: "T" });
  const second = await host.create({ name: "two", type: "T" });
  for (const adapter of [first, second]) {
    assertEquals(await setRoutes({ host, adapter, system }, "10.99.0.0/16"), CHANGED);
  }
  second.close();
  assertEquals(routesOf({ host, adapter: second, system }), []);
  assertEquals(routesOf({ host, adapter: first, system }), ["10.99.0.0/16"]);
});

for (const text of ["10.99.0.0/16", "fd99::/32"]) {
  adapterTest(
    `addRoute() says when ${text} is there, removeRoute() when it is not`,
    ({ adapter, system }) => {
      const change = (call: typeof addRoute): boolean =>
        call(system.iphlpapi, adapter.info.luid, parseCidr(text));
      assertEquals([removeRoute, addRoute, addRoute, removeRoute, removeRoute].map(change), [
        false,
        true,
        false,
        true,
        false,
      ]);
      return Promise.resolve();
    },
  );
}

adapterTest(
  "addRoute() passes 87 on for bits behind the prefix and lengths that cannot be",
  async (fixture) => {
    const { luid } = fixture.adapter.info;
    const ipv4 = parseCidr("10.99.0.0/16");
    const wrong = [...cidrs("10.99.0.1/31", "128.0.0.0/0", "fd99::1/32"), { ...ipv4, prefixLength: 33 }];
    for (const cidr of wrong) {
      await assertCode(87, () => addRoute(fixture.system.iphlpapi, luid, cidr));
    }
    assertEquals(routesOf(fixture), []);
  },
);

adapterTest("addRoute() passes 1168 on for an interface that is gone", async ({ adapter, system }) => {
  adapter.close();
  await assertCode(1168, () => addRoute(system.iphlpapi, adapter.info.luid, parseCidr("10.99.0.0/16")));
});

adapterTest(
  "InitializeIpForwardEntry leaves a row that CreateIpForwardEntry2 refuses",
  ({ adapter, system }) => {
    const { routes } = system.iphlpapi;
    const row = new DataView(new ArrayBuffer(MIB_IPFORWARD_ROW2.size));
    routes.InitializeIpForwardEntry(row.buffer);
    row.setBigUint64(MIB_IPFORWARD_ROW2.InterfaceLuid, adapter.info.luid, true);
    assertEquals(routes.CreateIpForwardEntry2(row.buffer), 87);
    return Promise.resolve();
  },
);

adapterTest("configure() sets DNS servers of both families, once, and takes them away", async (fixture) => {
  const { host, adapter: { info: { luid, guid } }, system } = fixture;
  const set = (...servers: string[]): Promise<Configured> =>
    host.configure(luid, { dns: servers.map((server) => parseIpAddress(server)) });
  const get = (): string[][] =>
    ([4, 6] as const).map((family) => getDnsServers(system.iphlpapi, guid, family) ?? []);
  assertEquals(get(), [[], []]);
  assertEquals(await set("10.6.7.1", "fd00::1", "10.6.7.2"), CHANGED);
  assertEquals(get(), [["10.6.7.1", "10.6.7.2"], ["fd00::1"]]);
  assertEquals(await set("10.6.7.1", "fd00::1", "10.6.7.2"), LEFT);
  assertEquals(await set("fd00::1"), CHANGED);
  assertEquals(get(), [[], ["fd00::1"]]);
});

adapterTest(
  "configure() sets DNS servers on a Windows that does not tell them",
  async ({ host, adapter, system }) => {
    const { luid, guid } = adapter.info;
    Object.defineProperty(system.iphlpapi, "dns", {
      value: { ...system.iphlpapi.dns, GetInterfaceDnsSettings: null },
    });
    assertEquals(getDnsServers(system.iphlpapi, guid, 4), undefined);
    const dns = [parseIpAddress("10.6.7.1")];
    for (let times = 0; times < 2; times++) {
      assertEquals(await applySettings(system, luid, "lab", { dns }), CHANGED);
    }
    assertEquals((await host.configure(luid, { dns })).changed, false);
  },
);

adapterTest("getDnsServers() passes 2 on for an interface that is gone", async ({ adapter, system }) => {
  adapter.close();
  await assertCode(2, () => getDnsServers(system.iphlpapi, adapter.info.guid, 4));
});
