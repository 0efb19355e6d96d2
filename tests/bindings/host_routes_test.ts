import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Adapter, Configured, Host } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { applySettings } from "../../src/tun/windows/settings/apply.ts";
import type { Interface } from "../../src/windows/network/interface.ts";
import { MIB_IPFORWARD_ROW2 } from "../../src/windows/network/layout.ts";
import { Network } from "../../src/windows/network/network.ts";
import { formatRoute, parseRoute } from "../../src/tun/settings/route.ts";
import { System } from "../../src/windows/system.ts";
import {
  type AnySystemFunctions,
  type BoundFunctions,
  systemFunctions,
} from "../../src/windows/system_functions.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { formatCidr, parseCidr } from "../../src/wire/cidr.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { emulatorTest, libraries } from "./fixture.ts";
import { outcomeOf } from "./host_fixture.ts";

/** The surroundings of a test: an adapter, its host, and the system's functions as the host calls them. */
interface Fixture {
  readonly host: Host;
  readonly adapter: Adapter;
  readonly system: System;
}

function adapterTest(name: string, body: (fixture: Fixture) => Promise<void>): void {
  emulatorTest(name, async () => {
    await using host = await openWindowsHost({ libraries });
    using adapter = await host.create({ name: "lab", type: "T" });
    using system = new System(libraries);
    await body({ host, adapter, system });
  });
}

const cidrs = (...texts: string[]): ReturnType<typeof parseCidr>[] => texts.map(parseCidr);

function setRoutes({ host, adapter }: Fixture, ...texts: string[]): Promise<Configured> {
  return host.configure(adapter.info.luid, { routes: cidrs(...texts) });
}

function interfaceOf({ adapter, system }: Pick<Fixture, "adapter" | "system">): Interface {
  return system.network.interface(adapter.info.luid);
}

/** Returns the routes of the adapter that somebody set, or those that Windows made, sorted. */
function routesOf({ adapter, system }: Fixture, manual = true): string[] {
  return interfaceOf({ adapter, system }).routes.list()
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
  assertEquals(outcomeOf(await setRoutes(fixture, ...routes)), CHANGED);
  assertEquals(routesOf(fixture), routes);
  assertEquals(outcomeOf(await setRoutes(fixture, ...routes)), LEFT);
  assertEquals(routesOf(fixture), routes);
});

adapterTest("configure() makes the routes those that are given", async (fixture) => {
  await setRoutes(fixture, "10.98.0.0/16", "10.99.0.0/16", "fd98::/32", "fd99::/32");
  assertEquals(outcomeOf(await setRoutes(fixture, "10.99.0.0/16", "10.97.0.0/16", "fd98::/32")), CHANGED);
  assertEquals(routesOf(fixture), ["10.97.0.0/16", "10.99.0.0/16", "fd98::/32"]);
  assertEquals(outcomeOf(await setRoutes(fixture)), CHANGED);
  assertEquals(routesOf(fixture), []);
});

adapterTest("configure() tells routes apart that differ in length only", async (fixture) => {
  await setRoutes(fixture, "0.0.0.0/0", "0.0.0.0/1", "::/0");
  await setRoutes(fixture, "0.0.0.0/1", "::/0");
  assertEquals(routesOf(fixture), ["0.0.0.0/1", "::/0"]);
});

adapterTest("configure() sets gateways and metrics, and changes a metric in place", async (fixture) => {
  const set = (...texts: string[]): Promise<Configured> =>
    fixture.host.configure(fixture.adapter.info.luid, { routes: texts.map((text) => parseRoute(text)) });
  const get = (): string[] => interfaceOf(fixture).routes.list().map(formatRoute).sort();
  const routes = ["10.99.0.0/16,metric=5", "10.99.0.0/16,via=10.6.7.1", "fd99::/32,via=fd00::1,metric=7"];
  assertEquals(outcomeOf(await set(...routes)), CHANGED);
  assertEquals(get(), routes);
  assertEquals(outcomeOf(await set(...routes)), LEFT);
  assertEquals(outcomeOf(await set("10.99.0.0/16,via=10.6.7.1,metric=9")), CHANGED);
  assertEquals(get(), ["10.99.0.0/16,via=10.6.7.1,metric=9"]);
  assertEquals(outcomeOf(await set("10.99.0.0/16")), CHANGED);
  assertEquals(get(), ["10.99.0.0/16"]);
});

adapterTest("Routes.change() passes 1168 on for a route that does not exist", async (fixture) => {
  await assertCode(1168, () => interfaceOf(fixture).routes.change(parseRoute("10.99.0.0/16,metric=5")));
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
    assertEquals(outcomeOf(await setRoutes(fixture)), LEFT);
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
  using system = new System(libraries);
  using first = await host.create({ name: "one", type: "T" });
  const second = await host.create({ name: "two", type: "T" });
  for (const adapter of [first, second]) {
    assertEquals(outcomeOf(await setRoutes({ host, adapter, system }, "10.99.0.0/16")), CHANGED);
  }
  second.close();
  assertEquals(routesOf({ host, adapter: second, system }), []);
  assertEquals(routesOf({ host, adapter: first, system }), ["10.99.0.0/16"]);
});

for (const text of ["10.99.0.0/16", "fd99::/32"]) {
  adapterTest(
    `Routes.add() says when ${text} is there, Routes.remove() when it is not`,
    (fixture) => {
      const { routes } = interfaceOf(fixture);
      const cidr = parseCidr(text);
      assertEquals([
        routes.remove(cidr),
        routes.add(cidr),
        routes.add(cidr),
        routes.remove(cidr),
        routes.remove(cidr),
      ], [
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
  "Routes.add() passes 87 on for bits behind the prefix and lengths that cannot be",
  async (fixture) => {
    const { routes } = interfaceOf(fixture);
    const ipv4 = parseCidr("10.99.0.0/16");
    const wrong = [...cidrs("10.99.0.1/31", "128.0.0.0/0", "fd99::1/32"), { ...ipv4, prefixLength: 33 }];
    for (const cidr of wrong) {
      await assertCode(87, () => routes.add(cidr));
    }
    assertEquals(routesOf(fixture), []);
  },
);

adapterTest("Routes.add() passes 1168 on for an interface that is gone", async (fixture) => {
  fixture.adapter.close();
  await assertCode(1168, () => interfaceOf(fixture).routes.add(parseCidr("10.99.0.0/16")));
});

adapterTest(
  "InitializeIpForwardEntry leaves a row that CreateIpForwardEntry2 refuses",
  ({ adapter, system }) => {
    const iphlpapi = system.libraries.bind(systemFunctions("iphlpapi", {
      InitializeIpForwardEntry: { parameters: ["buffer"], result: "void" },
      CreateIpForwardEntry2: { parameters: ["buffer"], result: "u32" },
    }));
    const row = new DataView(new ArrayBuffer(MIB_IPFORWARD_ROW2.size));
    iphlpapi.InitializeIpForwardEntry(row.buffer);
    row.setBigUint64(MIB_IPFORWARD_ROW2.InterfaceLuid, adapter.info.luid, true);
    assertEquals(iphlpapi.CreateIpForwardEntry2(row.buffer), 87);
    return Promise.resolve();
  },
);

adapterTest("configure() sets DNS servers of both families, once, and takes them away", async (fixture) => {
  const { host, adapter: { info: { luid } } } = fixture;
  const { dns } = interfaceOf(fixture);
  const set = (...servers: string[]): Promise<Configured> =>
    host.configure(luid, { dns: servers.map((server) => parseIpAddress(server)) });
  const get = (): string[][] => ([4, 6] as const).map((family) => dns.get(family)?.servers.slice() ?? []);
  assertEquals(get(), [[], []]);
  assertEquals(outcomeOf(await set("10.6.7.1", "fd00::1", "10.6.7.2")), CHANGED);
  assertEquals(get(), [["10.6.7.1", "10.6.7.2"], ["fd00::1"]]);
  assertEquals(outcomeOf(await set("10.6.7.1", "fd00::1", "10.6.7.2")), LEFT);
  assertEquals(outcomeOf(await set("fd00::1")), CHANGED);
  assertEquals(get(), [[], ["fd00::1"]]);
});

/** The system's DLLs as an old Windows has them: without some functions. These are bound under names that do not exist. */
function librariesWithout(...names: string[]): SystemLibraries {
  const old = new SystemLibraries(libraries);
  const bind = old.bind.bind(old);
  old.bind = <Functions extends AnySystemFunctions>(table: Functions): BoundFunctions<Functions> => {
    const changed = Object.entries(table.symbols).map(([name, definition]) => [
      name,
      names.includes(name) ? { ...definition, name: `${name}OfLater` } : definition,
    ]);
    return bind({ ...table, symbols: Object.fromEntries(changed) }) as BoundFunctions<Functions>;
  };
  return old;
}

adapterTest(
  "configure() sets DNS servers on a Windows that does not report them",
  async ({ host, adapter }) => {
    using old = librariesWithout("GetInterfaceDnsSettings");
    const { luid } = adapter.info;
    const found = new Network(old);
    assertEquals(found.interface(luid).dns.get(4), undefined);
    const dns = [parseIpAddress("10.6.7.1")];
    for (let times = 0; times < 2; times++) {
      assertEquals(outcomeOf(await applySettings(found, luid, { dns }, { name: "lab" })), CHANGED);
    }
    assertEquals((await host.configure(luid, { dns })).changed, false);
  },
);

adapterTest(
  "configure() without DNS servers goes on where Windows cannot set them, and names it otherwise",
  async ({ adapter }) => {
    using old = librariesWithout("GetInterfaceDnsSettings", "SetInterfaceDnsSettings");
    const { luid } = adapter.info;
    const found = new Network(old);
    assertEquals(
      outcomeOf(await applySettings(found, luid, { addresses: cidrs("10.6.7.7/24") }, { name: "lab" })),
      CHANGED,
    );
    const dns = [parseIpAddress("10.6.7.1")];
    const error = await assertRejects(() => applySettings(found, luid, { dns }, { name: "lab" }), HostError);
    assertStringIncludes(error.hint, "Windows 10 version 2004 or later");
    assertEquals(
      (error.cause as Error).message.replace("OfLater", ""),
      "iphlpapi.dll has no function SetInterfaceDnsSettings; Windows 10 version 2004 and later have it",
    );
  },
);

adapterTest("Dns.get() fails with 1168 for an interface that is gone", async (fixture) => {
  fixture.adapter.close();
  await assertCode(1168, () => interfaceOf(fixture).dns.get(4));
});
