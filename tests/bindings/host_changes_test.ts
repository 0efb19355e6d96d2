import { assertEquals } from "@std/assert";
import type { Adapter, Host } from "../../src/tun/host.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { parseRoute } from "../../src/tun/settings/route.ts";
import type { Settings } from "../../src/tun/settings/settings.ts";
import { Watching } from "../cli/adapters/watching.ts";
import { emulatorTest, libraries } from "./fixture.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { AdapterServices } from "../../src/tun/windows/adapter_services.ts";
import { System } from "../../src/windows/system.ts";
import { cidrs, hostTest, OtherProgram, renameAsUsersDo } from "./host_fixture.ts";
import { createService, GUID, orderOf, setState } from "./services.ts";

const RING_BYTES = 0x2_0000;

/** Waits until the notices that belong to what was done are over: they come once more after a second. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_300));
}

/** Returns the changes of the next event, without its adapter. */
async function nextChanges(watching: Watching): Promise<unknown> {
  const { changes } = await watching.next();
  return changes?.map(({ setting, before, after }: Record<string, string[]>) => [setting, before, after]);
}

hostTest("watch reports each kind of setting that changes, once, and nothing else", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { watching } = await Watching.start(host);
  const steps: readonly (readonly [Settings, string, string[], string[]])[] = [
    [{ addresses: cidrs("10.6.7.7/24") }, "address", [], ["10.6.7.7/24"]],
    [{ addresses: cidrs("10.6.7.7/24", "fd00::7/64") }, "address", ["10.6.7.7/24"], [
      "10.6.7.7/24",
      "fd00::7/64",
    ]],
    [{ addresses: [] }, "address", ["10.6.7.7/24", "fd00::7/64"], []],
    [{ mtu: { 4: 1400 } }, "mtu", ["65535"], ["ipv4=1400", "ipv6=65535"]],
    [{ metric: { 6: 9 } }, "metric", ["automatic"], ["ipv4=automatic", "ipv6=9"]],
    [{ forwarding: true }, "forwarding", ["off"], ["on"]],
    [{ routes: [parseRoute("10.9.0.0/16")] }, "route", [], ["10.9.0.0/16"]],
    [{ routes: [parseRoute("10.9.0.0/16,metric=3")] }, "route", ["10.9.0.0/16"], ["10.9.0.0/16,metric=3"]],
    [{ routes: [] }, "route", ["10.9.0.0/16,metric=3"], []],
    [{ dns: [parseIpAddress("10.6.7.1")] }, "dns", [], ["10.6.7.1"]],
    [{ dns: [parseIpAddress("fd00::1")] }, "dns", ["10.6.7.1"], ["fd00::1"]],
    [{ dnsSuffix: "lab.example" }, "dns-suffix", [], ["lab.example"]],
    [{ dnsSearch: ["example"] }, "dns-search", [], ["example"]],
    [{ dnsRegistration: true }, "dns-registration", ["off"], ["on"]],
  ];
  for (const [settings, ...change] of steps) {
    await host.configure(adapter.info.luid, settings);
    assertEquals(await nextChanges(watching), [change]);
  }
  await settle();
  assertEquals((await watching.stop()).length, 1);
});

hostTest(
  "watch reports adapters of this and other programs that come, go up and down, are renamed and go",
  async (host) => {
    const { watching } = await Watching.start(host);
    const adapter: Adapter = await host.create({ name: "lab", type: "T", role: "keeper" });
    const added = await watching.next();
    assertEquals([added.event, added.adapter.name, added.adapter.owner.role], ["added", "lab", "keeper"]);
    const session = adapter.openSession(RING_BYTES);
    const owner = `process ${Deno.pid}`;
    assertEquals(await nextChanges(watching), [["state", ["down"], ["up"]], ["session", [], [owner]]]);
    session.close();
    assertEquals((await watching.next()).adapter.state, "down");
    renameAsUsersDo("lab", "office");
    assertEquals(await nextChanges(watching), [["name", ["lab"], ["office"]]]);
    {
      using _other = new OtherProgram("theirs");
      assertEquals((await watching.next()).adapter.type, "Other");
    }
    assertEquals((await watching.next()).event, "removed");
    adapter.close();
    const removed = await watching.next();
    assertEquals([removed.event, removed.adapter.name], ["removed", "office"]);
    await settle();
    assertEquals((await watching.stop()).length, 1);
  },
);

hostTest(
  "a watch looks at the machine twice at its beginning and for a change, and never otherwise",
  async (host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    const { watching } = await Watching.start(host);
    await settle();
    assertEquals(watching.lists, 2);
    await host.configure(adapter.info.luid, { mtu: 1400 });
    await watching.next();
    await settle();
    assertEquals(watching.lists, 4);
    await watching.stop();
  },
);

emulatorTest("watch reports a service that comes, is ready, stops and goes", async () => {
  using system = new System(libraries);
  await using host = await openWindowsHost({ libraries });
  const services = new AdapterServices(system);
  const { watching } = await Watching.start(host);
  createService(services, orderOf());
  setState("starting");
  services.noteProgram(GUID);
  assertEquals((await watching.next()).adapter.state, "starting");
  services.makePersistent(GUID);
  setState("stopped");
  // Windows tells nobody of the last change, but its process leaves the adapter.
  assertEquals(await stateAfter(watching), "stopped");
  services.markForDeletion(GUID);
  assertEquals((await watching.next()).event, "removed");
  await watching.stop();
});

/** Returns the state in the last of the next events, when nothing more comes. */
async function stateAfter(watching: Watching): Promise<string> {
  for (;;) {
    const { adapter } = await watching.next();
    if (adapter.state === "stopped") return adapter.state;
  }
}

hostTest(
  "two watches of one machine are independent, and a burst ends with the last change",
  async (host: Host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    const first = (await Watching.start(host)).watching;
    const second = (await Watching.start(host, "lab")).watching;
    for (let mtu = 1300; mtu <= 1400; mtu++) await host.configure(adapter.info.luid, { mtu });
    for (const watching of [first, second]) {
      let mtu = 0;
      while (mtu !== 1400) mtu = (await watching.next()).adapter.mtu;
      assertEquals((await watching.stop()).length, 1);
    }
  },
);
