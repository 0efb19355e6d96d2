import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Configured } from "../../../src/tun/host.ts";
import { attachDevice } from "../../../src/tun/attachment.ts";
import { ENDED } from "../../../src/wintun/device.ts";
import { HostError, type HostErrorKind } from "../../../src/tun/host_error.ts";
import { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { parseCidr } from "../../../src/wire/cidr.ts";

const RING_BYTES = 0x20000;
const GUID = "deadbabe-cafe-beef-0123-456789abcdef";

function outcomeOf({ changed, warnings }: Configured): Omit<Configured, "changes"> {
  return { changed, warnings };
}

async function rejectsWith(kind: HostErrorKind, action: () => Promise<unknown>): Promise<HostError> {
  const error = await assertRejects(action, HostError);
  assertEquals(error.kind, kind);
  return error;
}

Deno.test("SimulatedHost.create() gives an adapter that can be found by name and GUID in any case", async () => {
  await using host = new SimulatedHost();
  using adapter = await host.create({ name: "Lab", type: "Wintun", guid: GUID });
  assert(adapter.created);
  assertEquals(adapter.info.name, "Lab");
  assertEquals(adapter.info.instanceId, `SWD\\Wintun\\{${GUID.toUpperCase()}}`);
  assertEquals(adapter.info.luid >> 48n, 53n);
  for (const name of ["lab", "LAB", GUID, `{${GUID.toUpperCase()}}`]) {
    assertEquals((await host.find(name))?.guid, GUID, name);
  }
  assertEquals(await host.find("other"), undefined);
});

Deno.test("SimulatedHost.create() derives the same GUID for the same name, another for another", async () => {
  const guidOf = async (name: string): Promise<string> => {
    await using host = new SimulatedHost();
    using adapter = await host.create({ name, type: "Wintun" });
    return adapter.info.guid;
  };
  const guid = await guidOf("lab");
  assert(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(guid), guid);
  assertEquals(await guidOf("LAB"), guid);
  assert(await guidOf("lab2") !== guid);
});

Deno.test("SimulatedHost.create() refuses a taken name and a taken GUID", async () => {
  await using host = new SimulatedHost();
  using _ = await host.create({ name: "lab", type: "Wintun", guid: GUID, role: "keeper" });
  const error = await rejectsWith("exists", () => host.create({ name: "LAB", type: "Wintun" }));
  assertEquals(error.message, 'Cannot create adapter "LAB": a network adapter has this name');
  await rejectsWith("exists", () => host.create({ name: "other", type: "Wintun", guid: GUID }));
});

Deno.test("SimulatedHost.list() gives all adapters by name, each with a LUID of its own", async () => {
  await using host = new SimulatedHost();
  using b = await host.create({ name: "b", type: "Wintun" });
  using a = await host.create({ name: "a", type: "Test" });
  const list = await host.list();
  assertEquals(list.map(({ name, type, state }) => [name, type, state]), [["a", "Test", "down"], [
    "b",
    "Wintun",
    "down",
  ]]);
  assert(a.info.luid !== b.info.luid && a.info.ifIndex !== b.info.ifIndex);
});

Deno.test("Closing an adapter removes it when this process created it, and only then", async () => {
  await using host = new SimulatedHost();
  const created = await host.create({ name: "lab", type: "Wintun" });
  const opened = await host.open("LAB");
  assert(!opened.created);
  opened.close();
  assert(await host.find("lab") !== undefined);
  created.close();
  created.close();
  assertEquals(await host.list(), []);
});

Deno.test("SimulatedHost.open() refuses a name that no adapter has", async () => {
  await using host = new SimulatedHost();
  await rejectsWith("not-found", () => host.open("lab"));
});

Deno.test("Adapter.openSession() is busy while a session is open, from whatever handle, and free after it", async () => {
  await using host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  using other = await host.open("lab");
  const session = adapter.openSession(RING_BYTES);
  assertEquals((await host.find("lab"))?.state, "up");
  for (const handle of [adapter, other]) {
    assertEquals(assertThrows(() => handle.openSession(RING_BYTES), HostError).kind, "busy");
  }
  session.close();
  session.close();
  assertEquals((await host.find("lab"))?.state, "down");
  other.openSession(RING_BYTES).close();
});

Deno.test("Closing the creator's handle ends the session that another handle has open", async () => {
  await using host = new SimulatedHost();
  const adapter = await host.create({ name: "lab", type: "Wintun" });
  using other = await host.open("lab");
  using session = other.openSession(RING_BYTES);
  using device = attachDevice(session.attachment);
  adapter.close();
  assertEquals(device.receiveFirst(), ENDED);
});

Deno.test("SimulatedHost.configure() applies what is given, leaves the rest, and says whether anything changed", async () => {
  await using host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  const { luid } = adapter.info;
  const settings = { addresses: [parseCidr("10.6.7.7/24"), parseCidr("fd00::7/64")], mtu: 1400 };
  assertEquals(outcomeOf(await host.configure(luid, settings)), { changed: true, warnings: [] });
  assertEquals(outcomeOf(await host.configure(luid, settings)), { changed: false, warnings: [] });
  assertEquals(outcomeOf(await host.configure(luid, { metric: 12 })), { changed: true, warnings: [] });
  const info = await host.find("lab");
  assertEquals([info?.addresses, info?.mtu, info?.metric], [settings.addresses, 1400, 12]);
});

Deno.test("SimulatedHost.configure() takes a metric of 0 for the automatic one, which a new adapter has", async () => {
  await using host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  const set = async (metric: number): Promise<unknown> => {
    const { changes } = await host.configure(adapter.info.luid, { metric });
    return [...changes.map(({ before, after }) => [...before, ...after]), (await host.find("lab"))?.metric];
  };
  assertEquals(await set(0), [5]);
  assertEquals(await set(5), [["automatic", "5"], 5]);
  assertEquals(await set(12), [["5", "12"], 12]);
  assertEquals(await set(0), [["12", "automatic"], 5]);
});

Deno.test("SimulatedHost.configure() refuses an MTU that IPv6 cannot have, and an unknown LUID", async () => {
  await using host = new SimulatedHost();
  using adapter = await host.create({ name: "lab", type: "Wintun" });
  const settings = { addresses: [parseCidr("fd00::7/64")], mtu: 1279 };
  await rejectsWith("invalid", () => host.configure(adapter.info.luid, settings));
  assertEquals((await host.find("lab"))?.addresses, []);
  await rejectsWith("not-found", () => host.configure(1n, {}));
});

Deno.test("an adapter that is closed does not report its removal", async () => {
  await using host = new SimulatedHost();
  using kept = await host.create({ name: "lab", type: "Wintun", role: "keeper" });
  using open = await host.open("lab");
  const closed = await host.open("lab");
  closed.close();
  await host.remove(kept.info);
  const outcome = await Promise.race([
    closed.removed.then(() => "closed"),
    open.removed.then(() => "open"),
  ]);
  assertEquals(outcome, "open");
});
