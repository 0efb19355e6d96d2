import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Adapter, Configured } from "../../src/tun/host.ts";
import { System } from "../../src/windows/system.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { formatCidr } from "../../src/wire/cidr.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { CALL } from "../emulator/control.ts";
import { control, libraries } from "./fixture.ts";
import { assertHostError, cidrs, hostTest, infoOf, openHurriedHost, outcomeOf } from "./host_fixture.ts";

/** The code of GetIpInterfaceEntry for a family that is off. */
const ERROR_NOT_FOUND = 1168;
const ALWAYS = 1_000_000;

hostTest("configure() sets addresses, MTU and metric of both families, once", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const settings = { addresses: cidrs("10.6.7.7/24", "fd00::7/64"), mtu: 1400, metric: 9 };
  assertEquals(outcomeOf(await host.configure(adapter.info.luid, settings)), { changed: true, warnings: [] });
  const { addresses, mtu, metric } = await infoOf(host, adapter);
  assertEquals({ addresses, mtu, metric }, {
    addresses: cidrs("10.6.7.7/24", "fd00::7/64"),
    mtu: 1400,
    metric: 9,
  });
  assertEquals(outcomeOf(await host.configure(adapter.info.luid, settings)), {
    changed: false,
    warnings: [],
  });
});

hostTest("configure() makes the addresses those that are given", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const set = (...texts: string[]): Promise<Configured> =>
    host.configure(adapter.info.luid, { addresses: cidrs(...texts) });
  await set("10.6.7.7/24", "10.6.8.7/24", "fd00::7/64");
  await set("10.6.8.7/24", "10.6.7.7/16");
  assertEquals((await infoOf(host, adapter)).addresses.map(formatCidr).toSorted(), [
    "10.6.7.7/16",
    "10.6.8.7/24",
  ]);
  assertEquals(outcomeOf(await set()), { changed: true, warnings: [] });
  assertEquals((await infoOf(host, adapter)).addresses, []);
});

hostTest("configure() leaves alone what is not given", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  await host.configure(adapter.info.luid, { addresses: cidrs("10.6.7.7/24"), mtu: 1400 });
  await host.configure(adapter.info.luid, { metric: 3 });
  const { addresses, mtu, metric } = await infoOf(host, adapter);
  assertEquals({ addresses, mtu, metric }, { addresses: cidrs("10.6.7.7/24"), mtu: 1400, metric: 3 });
});

hostTest("configure() makes a metric automatic again with 0", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  await host.configure(adapter.info.luid, { metric: 3 });
  assertEquals(outcomeOf(await host.configure(adapter.info.luid, { metric: 0 })), {
    changed: true,
    warnings: [],
  });
  assertEquals(outcomeOf(await host.configure(adapter.info.luid, { metric: 0 })), {
    changed: false,
    warnings: [],
  });
});

hostTest("configure() says that the adapter is gone if it goes meanwhile", async (host) => {
  for (const settings of [{ mtu: 1400 }, { metric: { 4: 5 } }, { dns: [] }]) {
    const adapter = await host.create({ name: "gone", type: "T" });
    const configured = assertHostError("not-found", () => host.configure(adapter.info.luid, settings));
    adapter.close();
    await configured;
  }
});

hostTest("configure() waits for an interface that Windows has not made yet", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  control.EmulatorFailNext(CALL.getIpv4Interface, 1168, 5);
  await host.configure(adapter.info.luid, { addresses: cidrs("10.6.7.7/24") });
  assertEquals((await infoOf(host, adapter)).addresses, cidrs("10.6.7.7/24"));
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

hostTest("configure() of a machine without IPv6 sets IPv4, and warns of what was left out", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  control.EmulatorFailNext(CALL.getIpv6Interface, ERROR_NOT_FOUND, ALWAYS);
  const settings = { addresses: cidrs("10.6.7.7/24", "fd00::7/64"), routes: cidrs("fd99::/32"), mtu: 1400 };
  await using hurried = await openHurriedHost();
  const { changed, warnings } = await hurried.configure(adapter.info.luid, settings);
  assertEquals(changed, true);
  assertEquals(warnings, ["IPv6 is off on this machine: fd00::7/64, fd99::/32 was left out."]);
  const { addresses, mtu } = await infoOf(host, adapter);
  assertEquals([addresses, mtu], [cidrs("10.6.7.7/24"), 1400]);
});

hostTest(
  "configure() of a machine without IPv6 warns of nothing when nothing of IPv6 is asked",
  async (host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    control.EmulatorFailNext(CALL.getIpv6Interface, ERROR_NOT_FOUND, ALWAYS);
    const settings = { addresses: cidrs("10.6.7.7/24") };
    assertEquals(outcomeOf(await host.configure(adapter.info.luid, settings)), {
      changed: true,
      warnings: [],
    });
  },
);

hostTest("configure() of a machine without IPv4 is a timeout that asks whether it is off", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  control.EmulatorFailNext(CALL.getIpv4Interface, ERROR_NOT_FOUND, ALWAYS);
  await using hurried = await openHurriedHost();
  const configure = (): Promise<unknown> =>
    hurried.configure(adapter.info.luid, { addresses: cidrs("10.6.7.7/24") });
  const error = await assertHostError("timeout", configure);
  assert(error.hint.includes("IPv4"), error.hint);
});

hostTest("configure() leaves the addresses that Windows gave on its own", async (host) => {
  control.EmulatorSetLinkLocal(1);
  using adapter = await host.create({ name: "lab", type: "T" });
  using system = new System(libraries);
  const { luid } = adapter.info;
  const set = async (...texts: string[]): Promise<readonly string[]> => {
    await host.configure(luid, { addresses: cidrs(...texts) });
    return system.network.interface(luid).addresses.list().map(formatCidr).toSorted();
  };
  assertEquals(await set("10.6.7.7/24", "fd00::7/64"), ["10.6.7.7/24", "fd00::7/64", "fe80::1/64"]);
  assertEquals(await set(), ["fe80::1/64"]);
  assertEquals((await infoOf(host, adapter)).addresses, []);
});

hostTest(
  "configure() takes an MTU below 1280 where Windows' own address is the only one of IPv6",
  async (host) => {
    control.EmulatorSetLinkLocal(1);
    using adapter = await host.create({ name: "lab", type: "T" });
    await host.configure(adapter.info.luid, { mtu: 576 });
    assertEquals((await infoOf(host, adapter)).mtu, 576);
  },
);

hostTest("configure() refuses IPv6 addresses where the MTU is too small for them already", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { mtu: 1200, addresses: cidrs("10.6.7.7/24") });
  const error = await assertHostError(
    "invalid",
    () => host.configure(luid, { addresses: cidrs("fd77::1/64") }),
  );
  assertEquals(error.reason, "IPv6 needs an MTU of 1280 or more, not 1200");
  assertEquals((await infoOf(host, adapter)).addresses, cidrs("10.6.7.7/24"));
  await host.configure(luid, { addresses: cidrs("10.6.8.7/24") });
  await host.configure(luid, { metric: 7 });
  await host.configure(luid, { addresses: cidrs("fd77::1/64"), mtu: 1280 });
  assertEquals((await infoOf(host, adapter)).addresses, cidrs("fd77::1/64"));
});

hostTest("configure() waits for the IPv6 interface of a new adapter, and sets it", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  control.EmulatorFailNext(CALL.getIpv6Interface, ERROR_NOT_FOUND, 5);
  await host.configure(adapter.info.luid, { mtu: 1400, metric: 9 });
  using system = new System(libraries);
  const settings = system.network.interface(adapter.info.luid).ip(6).settings();
  assertEquals([settings?.mtu, settings?.metric], [1400, 9]);
});

hostTest("configure() does not wait for the IPv6 interface where IPv4's is as asked", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const settings = { mtu: 1400, metric: 9 };
  await host.configure(adapter.info.luid, settings);
  control.EmulatorFailNext(CALL.getIpv6Interface, ERROR_NOT_FOUND, 5);
  assertEquals((await host.configure(adapter.info.luid, settings)).changed, false);
  using system = new System(libraries);
  assertEquals(system.network.interface(adapter.info.luid).ip(6).settings(), undefined);
});

hostTest(
  "create() clears the DNS settings that Windows kept under the GUID of an earlier adapter",
  async (host) => {
    const settings = {
      dns: [parseIpAddress("10.6.7.1"), parseIpAddress("fd00::1")],
      dnsSuffix: "lab.example",
      dnsSearch: ["lab.example", "example"],
      dnsRegistration: true,
    };
    const dnsOf = async (adapter: Adapter): Promise<unknown> => {
      const { dns, dnsSuffix, dnsSearch, dnsRegistration } = (await infoOf(host, adapter)).details!;
      return { dns, dnsSuffix, dnsSearch, dnsRegistration };
    };
    const request = { name: "lab", type: "T" };
    {
      using earlier = await host.create(request);
      await host.configure(earlier.info.luid, settings);
      assertEquals(await dnsOf(earlier), settings);
    }
    using again = await host.create(request);
    assertEquals(await dnsOf(again), { dns: [], dnsSuffix: "", dnsSearch: [], dnsRegistration: false });
  },
);

hostTest("configure() sets a value of one IP version, and leaves the other", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { mtu: { 6: 1400 }, metric: { 4: 7 }, forwarding: { 6: true } });
  assertEquals((await infoOf(host, adapter)).details?.ip, {
    4: { mtu: 65535, metric: 7, automaticMetric: false, forwarding: false },
    6: { mtu: 1400, metric: 5, automaticMetric: true, forwarding: true },
  });
  const back = { mtu: 65535, metric: 0, forwarding: false };
  assertEquals((await host.configure(luid, back)).changed, true);
  const fresh = { mtu: 65535, metric: 5, automaticMetric: true, forwarding: false };
  assertEquals((await infoOf(host, adapter)).details?.ip, { 4: fresh, 6: fresh });
});

hostTest("configure() takes back what it changed when Windows refuses a later setting", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { mtu: 1400, addresses: cidrs("10.6.7.7/24"), routes: cidrs("10.98.0.0/16") });
  const before = await infoOf(host, adapter);
  const wanted = {
    mtu: 1300,
    addresses: cidrs("10.6.8.7/24"),
    routes: cidrs("10.98.0.0/16", "10.99.1.2/16"),
  };
  const error = await assertRejects(() => host.configure(luid, wanted), Win32Error);
  assertEquals(error.operation, 'Cannot configure adapter "lab": cannot add the route 10.99.1.2/16');
  assertEquals(await infoOf(host, adapter), before);
});

hostTest("configure() says what is left when Windows does not take the old settings back", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { addresses: cidrs("10.6.7.7/24") });
  // The new address is refused, and so is the old one when it is to come back.
  control.EmulatorFailNext(CALL.createUnicastAddress, 87, 2);
  const error = await assertHostError(
    "failed",
    () => host.configure(luid, { addresses: cidrs("10.6.7.7/16") }),
  );
  assertEquals(error.reason, "a parameter is not valid");
  assert(error.hint.includes("--address 10.6.7.7/24"), error.hint);
  assertEquals((await infoOf(host, adapter)).addresses, []);
});

hostTest("configure() of a machine without IPv6 warns of a value that is for IPv6 alone", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  control.EmulatorFailNext(CALL.getIpv6Interface, ERROR_NOT_FOUND, ALWAYS);
  await using hurried = await openHurriedHost();
  const { changed, warnings } = await hurried.configure(adapter.info.luid, { mtu: { 6: 1400 }, metric: 7 });
  assertEquals(changed, true);
  assertEquals(warnings, ["IPv6 is off on this machine: ipv6=1400 was left out."]);
});
