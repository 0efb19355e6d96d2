/** The orders of persistent adapters on the emulator: what a change of settings does with them. */

import { assertEquals } from "@std/assert";
import { serviceName } from "../../src/tun/service_name.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import type { Adapter, Host } from "../../src/tun/host.ts";
import type { AdapterServices } from "../../src/tun/windows/adapter_services.ts";
import type { RegistryKey } from "../../src/windows/registry.ts";
import type { System } from "../../src/windows/system.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { Watching } from "../cli/adapters/watching.ts";
import { NEW_SETTINGS } from "../../src/tun/settings/settings.ts";
import { libraries } from "./fixture.ts";
import { assertHostError } from "./host_fixture.ts";
import { createService, GUID, orderOf, servicesTest, setState } from "./services.ts";

/** A process that is not this one. */
const OTHER_PID = 1;

function parametersOf(system: System): RegistryKey {
  return system.registry.create(`SYSTEM\\CurrentControlSet\\Services\\${serviceName(GUID)}\\Parameters`);
}

/** Runs `body` while the service of a persistent adapter holds it, which another process seems to run. */
async function whileHeld(
  services: AdapterServices,
  body: (host: Host, adapter: Adapter) => Promise<void>,
): Promise<void> {
  await using holder = await openWindowsHost({ libraries });
  createService(services, orderOf({ persistent: true }));
  services.makePersistent(GUID);
  setState("starting");
  using adapter = await holder.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
  setState("running", { pid: OTHER_PID });
  // The host that made the adapter knows that its service is this process.
  await using host = await openWindowsHost({ libraries });
  await body(host, adapter);
}

servicesTest(
  "configure() takes the settings back if the order cannot be changed",
  async (services, system) => {
    await whileHeld(services, async (host, { info: { luid } }) => {
      const before = await host.find(GUID);
      {
        using parameters = parametersOf(system);
        parameters.setText("Order", "no order");
      }
      await assertHostError("failed", () => host.configure(luid, { mtu: 1400, category: "private" }));
      const { name, mtu, details } = (await host.find(GUID))!;
      assertEquals({ mtu, details }, { mtu: before?.mtu, details: before?.details });
      assertEquals(name, "lab");
    });
  },
);

servicesTest(
  "configure() gives a network back the category that it had, which was nobody's setting",
  async (services, system) => {
    await whileHeld(services, async (host, adapter) => {
      using _session = adapter.openSession(MIN_RING_CAPACITY);
      await system.networkList.setCategory(GUID, "private");
      const before = await host.find(GUID);
      assertEquals([before?.details?.category, before?.details?.givenCategory], ["private", undefined]);
      {
        using parameters = parametersOf(system);
        parameters.setText("Order", "no order");
      }
      await assertHostError("failed", () => host.configure(adapter.info.luid, { category: "public" }));
      const { details } = (await host.find(GUID))!;
      assertEquals(details, before?.details);
    });
  },
);

servicesTest("an order that stays the same is not written again", async (services, system) => {
  await whileHeld(services, async (host, { info: { luid } }) => {
    await host.configure(luid, { mtu: 1400 });
    using parameters = parametersOf(system);
    const inAnotherForm = ` ${parameters.text("Order")}`;
    parameters.setText("Order", inAnotherForm);
    await host.configure(luid, { mtu: 1400 });
    assertEquals(parameters.text("Order"), inAnotherForm);
    await host.configure(luid, { mtu: 1300 });
    assertEquals(services.orders.read(GUID)?.settings.mtu, 1300);
  });
});

servicesTest("an order that another process changes is changed after that", async (services, system) => {
  createService(services, orderOf({ persistent: true }));
  const { promise, resolve } = Promise.withResolvers<void>();
  const other = system.namedObjects.exclusively("wintun-order", 0, () => promise);
  const change = services.orders.change(GUID, ({ settings, ...order }) => ({
    ...order,
    settings: { ...settings, mtu: 1400 },
  }));
  services.orders.write({ ...orderOf({ persistent: true }), settings: { metric: 5 } });
  resolve();
  await Promise.all([other, change]);
  assertEquals(services.orders.read(GUID)?.settings, { mtu: 1400, metric: 5 });
});

servicesTest("reorder() changes nothing of an adapter whose service has started", async (services) => {
  await using host = await openWindowsHost({ libraries });
  createService(services, orderOf({ persistent: true }));
  services.makePersistent(GUID);
  const stopped = (await host.find("lab"))!;
  setState("starting");
  await assertHostError("not-found", () => host.reorder(stopped, { mtu: 1400 }, { name: "office" }));
  const order = services.orders.read(GUID);
  assertEquals([order?.settings, order?.request.name], [{}, "lab"]);
});

servicesTest("reorder() compares with what a new adapter has", async (services) => {
  await using host = await openWindowsHost({ libraries });
  createService(services, orderOf({ persistent: true }));
  services.makePersistent(GUID);
  const stopped = (await host.find("lab"))!;
  assertEquals((await host.reorder(stopped, { mtu: 65535, metric: 0, category: "default" })).changes, []);
  assertEquals((await host.reorder(stopped, { mtu: 1400 })).changes, [
    { setting: "mtu", before: ["65535"], after: ["1400"] },
  ]);
});

servicesTest(
  "find() and watch show the settings in the order of a stopped adapter",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services, { ...orderOf({ persistent: true }), settings: { mtu: 1400 } });
    services.makePersistent(GUID);
    const stopped = (await host.find("lab"))!;
    assertEquals(stopped.startSettings, { ...NEW_SETTINGS, mtu: { 4: 1400, 6: 1400 } });
    const { watching } = await Watching.start(host);
    await host.reorder(stopped, { mtu: 1300 });
    assertEquals((await watching.next()).changes, [{ setting: "mtu", before: ["1400"], after: ["1300"] }]);
    await watching.stop();
    {
      using parameters = parametersOf(system);
      parameters.setText("Order", "no order");
    }
    assertEquals((await host.list())[0].startSettings, undefined);
  },
);
