/** Renaming adapters, on the emulator: connection, device, service and record. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { serviceName } from "../../src/tun/service_name.ts";
import { Holders } from "../../src/tun/windows/holders.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { RECORDS } from "../../src/tun/windows/process_records.ts";
import { System } from "../../src/windows/system.ts";
import { toWideString } from "../../src/windows/wide_string.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { CALL } from "../emulator/control.ts";
import { control, libraries, wintun } from "./fixture.ts";
import { assertHostError, cidrs, hostTest, infoOf, OtherProgram, renameAsUsersDo } from "./host_fixture.ts";
import { createService, GUID, orderOf, servicesTest, setState } from "./services.ts";

const OTHER_GUID = "11111111-2222-3333-4444-555555555555";

/** Returns whether WintunOpenAdapter finds an adapter by that name. */
function isKnownToWintun(name: string): boolean {
  const handle = wintun.symbols.WintunOpenAdapter(toWideString(name));
  if (handle !== null) wintun.symbols.WintunCloseAdapter(handle);
  return handle !== null;
}

hostTest("configure() renames an adapter for Windows, for wintun.dll and for who holds it", async (host) => {
  using lab = await host.create({ name: "lab", type: "T" });
  const before = await infoOf(host, lab);
  const { changed, changes } = await host.configure(lab.info.luid, { mtu: 1400 }, { name: "office" });
  assertEquals([changed, changes], [true, [
    { setting: "name", before: ["lab"], after: ["office"] },
    { setting: "mtu", before: ["65535"], after: ["1400"] },
  ]]);
  const { details: _before, ...was } = before;
  const { details: _after, ...is } = await infoOf(host, lab);
  assertEquals(is, { ...was, name: "office", mtu: 1400 });
  assertEquals([isKnownToWintun("office"), isKnownToWintun("lab")], [true, false]);
  using system = new System(libraries);
  assertEquals(new Holders(system).find(lab.info.guid)?.name, "office");
  assertEquals(await host.find("lab"), undefined);
  using opened = await host.open("office");
  assertEquals(opened.info.luid, lab.info.luid);
});

hostTest("the old name of a renamed adapter is free, for another GUID than its own", async (host) => {
  using lab = await host.create({ name: "lab", type: "T" });
  await host.configure(lab.info.luid, {}, { name: "office" });
  const error = await assertHostError("exists", () => host.create({ name: "lab", type: "T" }));
  assertStringIncludes(
    error.reason,
    `"office" has the GUID ${lab.info.guid}, which follows from the name "lab"`,
  );
  using second = await host.create({ name: "lab", type: "T", guid: OTHER_GUID });
  for (const [adapter, name] of [[lab, "office"], [second, "lab"]] as const) {
    using opened = await host.open(name);
    assertEquals(opened.info.luid, adapter.info.luid);
  }
});

hostTest("configure() gives the old name back when a setting is refused", async (host) => {
  using lab = await host.create({ name: "lab", type: "T" });
  const before = await infoOf(host, lab);
  control.EmulatorFailNext(CALL.createUnicastAddress, 87, 1);
  const settings = { mtu: 1400, addresses: cidrs("10.6.7.7/24") };
  await assertRejects(() => host.configure(lab.info.luid, settings, { name: "office" }), Win32Error);
  assertEquals(await infoOf(host, lab), before);
  assertEquals([isKnownToWintun("office"), isKnownToWintun("lab")], [false, true]);
});

hostTest(
  "configure() refuses a name that another program's adapter has, and renames neither",
  async (host) => {
    using lab = await host.create({ name: "lab", type: "T" });
    using _other = new OtherProgram("wg0");
    const before = await host.list();
    for (const dryRun of [true, false]) {
      const call = () => host.configure(lab.info.luid, { mtu: 1400 }, { name: "WG0", dryRun });
      assertEquals(
        (await assertHostError("exists", call)).reason,
        'the name "WG0" is taken: a network adapter has it',
      );
    }
    assertEquals(await host.list(), before);
    await assertHostError("invalid", () => host.configure(lab.info.luid, {}, { name: "a:b" }));
  },
);

hostTest("configure() renames the adapter of another program with force only", async (host) => {
  using _other = new OtherProgram("wg0");
  const { luid } = (await host.find("wg0"))!;
  await assertHostError("failed", () => host.configure(luid, {}, { name: "wg1" }));
  await host.configure(luid, {}, { name: "wg1", force: true });
  assertEquals((await host.list()).map(({ name }) => name), ["wg1"]);
});

hostTest("configure() of a name says that the adapter is gone if it goes meanwhile", async (host) => {
  const lab = await host.create({ name: "lab", type: "T" });
  const renamed = assertHostError("not-found", () => host.configure(lab.info.luid, {}, { name: "office" }));
  lab.close();
  await renamed;
});

hostTest("configure() makes a name that a user gave in Windows the adapter's own", async (host) => {
  using lab = await host.create({ name: "lab", type: "T" });
  renameAsUsersDo("lab", "office");
  assertEquals((await infoOf(host, lab)).createdAs, "lab");
  const { changes } = await host.configure(lab.info.luid, {}, { name: "office" });
  assertEquals(changes, [{ setting: "name", before: ["lab"], after: ["office"] }]);
  assertEquals((await infoOf(host, lab)).createdAs, undefined);
  assertEquals((await host.configure(lab.info.luid, {}, { name: "office" })).changed, false);
});

servicesTest(
  "while its service creates it, an adapter has the name of its order, whatever Windows calls it",
  async (services) => {
    await using host = await openWindowsHost({ libraries });
    createService(services, orderOf());
    setState("starting");
    using adapter = await host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    renameAsUsersDo("lab", `{${GUID.toUpperCase()}}`);
    const { name, createdAs, state } = (await host.find("lab"))!;
    assertEquals([name, createdAs, state], ["lab", undefined, "starting"]);
    assertEquals((await host.list()).map(({ name }) => name), ["lab"]);
    setState("running");
    assertEquals((await infoOf(host, adapter)).createdAs, "lab");
  },
);

hostTest(
  "while its process removes it, an adapter keeps the name that a user gave it in Windows",
  async (host) => {
    using lab = await host.create({ name: "lab", type: "T" });
    renameAsUsersDo("lab", "office");
    using system = new System(libraries);
    const { id } = new Holders(system).records.maker(lab.info.guid)!;
    using key = system.registry.createVolatile(`${RECORDS}\\${id}`);
    // As the process does first.
    key.setDword("HasAdapter", 0);
    assertEquals((await host.list()).map(({ name, createdAs }) => [name, createdAs]), [["office", "lab"]]);
  },
);

/** What a service has that carries its adapter's name. */
function namesOf(system: System, guid = GUID): [order: string | undefined, displayName: string] {
  const { services } = new Holders(system);
  using service = services.open(guid, "readConfig");
  return [services.orders.read(guid)?.request.name, service!.config().displayName];
}

servicesTest(
  "the order and the service of a persistent adapter follow its name",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services, orderOf({ persistent: true }));
    setState("starting");
    using adapter = await host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    services.makePersistent(GUID);
    setState("running");
    await host.configure(adapter.info.luid, { mtu: 1400 }, { name: "office" });
    assertEquals(namesOf(system), ["office", "Wintun adapter: office"]);
    const { name, createdAs, service } = (await host.find(GUID))!;
    assertEquals([name, createdAs, service], ["office", undefined, serviceName(GUID)]);
  },
);

servicesTest(
  "a service that goes with its adapter keeps the name that users see, which Windows does not change",
  async (services, system) => {
    await using host = await openWindowsHost({ libraries });
    createService(services);
    setState("starting");
    using adapter = await host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
    services.markForDeletion(GUID);
    setState("running");
    await host.configure(adapter.info.luid, {}, { name: "office" });
    assertEquals(namesOf(system), ["office", "Wintun adapter: lab"]);
    // Another service of the old name does not come about without the GUID in its display name.
    const order = orderOf({ guid: OTHER_GUID });
    assertEquals(services.create(order, "x"), "display name taken");
  },
);

servicesTest("two services that share a name are told apart by the GUID", async (services, system) => {
  await using host = await openWindowsHost({ libraries });
  createService(services);
  setState("starting");
  using first = await host.create({ name: "lab", type: "T", guid: GUID, role: "keeper" });
  services.markForDeletion(GUID);
  setState("running");
  await host.configure(first.info.luid, {}, { name: "office" });
  createService(services, orderOf({ name: "second", guid: OTHER_GUID }));
  setState("running", { guid: OTHER_GUID });
  await services.rename(OTHER_GUID, "lab");
  assertEquals(namesOf(system, OTHER_GUID), ["lab", `Wintun adapter: lab {${OTHER_GUID}}`]);
});

servicesTest("reorder() renames a stopped adapter for its next start", async (services, system) => {
  await using host = await openWindowsHost({ libraries });
  createService(services, orderOf({ persistent: true }));
  services.makePersistent(GUID);
  const stopped = (await host.find("lab"))!;
  assertEquals(stopped.state, "stopped");
  const dry = await host.reorder(stopped, { mtu: 1400 }, { name: "office", dryRun: true });
  assertEquals(namesOf(system), ["lab", "Wintun adapter: lab"]);
  assertEquals(await host.reorder(stopped, { mtu: 1400 }, { name: "office" }), dry);
  assertEquals(dry.changes.map(({ setting }) => setting), ["name", "mtu"]);
  assertEquals(namesOf(system), ["office", "Wintun adapter: office"]);
  assertEquals((await host.find("office"))?.state, "stopped");
});

servicesTest("a name that a stopped adapter will take is refused", async (services) => {
  await using host = await openWindowsHost({ libraries });
  createService(services, orderOf({ persistent: true }));
  services.makePersistent(GUID);
  using other = await host.create({ name: "other", type: "T" });
  const error = await assertHostError("exists", () => host.configure(other.info.luid, {}, { name: "LAB" }));
  assertEquals(
    error.reason,
    'the name "LAB" is taken: a service makes an adapter of this name whenever it starts',
  );
});
