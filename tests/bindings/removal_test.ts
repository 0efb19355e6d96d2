import { assertEquals, assertRejects } from "@std/assert";
import { keepAdapter, type Kept } from "../../src/keeper/keep.ts";
import type { Adapter } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { removeDevice } from "../../src/tun/windows/devices.ts";
import { isAdapterThere } from "../../src/tun/windows/removal_watch.ts";
import { System } from "../../src/windows/system.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { CALL } from "../emulator/control.ts";
import { control, libraries } from "./fixture.ts";
import { hostTest } from "./host_fixture.ts";

const NOT_FOUND = 2;
/** The time in which a holder must notice that its adapter is gone. */
const NOTICE_MS = 2_000;

/** Removes the device as Device Manager does. */
function removeAsOthersDo(adapter: Adapter): void {
  using system = new System(libraries);
  removeDevice(system, adapter.info.instanceId);
}

/** Returns whether the promise resolves in that time. */
async function resolvesInTime(promise: Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), NOTICE_MS);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

hostTest("whoever created or opened an adapter notices that somebody else has removed it", async (host) => {
  using created = await host.create({ name: "lab", type: "T" });
  using opened = await host.open("lab");
  using _session = opened.openSession(MIN_RING_CAPACITY);
  removeAsOthersDo(created);
  assertEquals(await Promise.all([created.removed, opened.removed].map(resolvesInTime)), [true, true]);
});

hostTest("an adapter that is disabled has no interface, and does not count as removed", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  using system = new System(libraries);
  control.EmulatorFailNext(CALL.getInterface, NOT_FOUND, 1_000_000);
  assertEquals(isAdapterThere(system, adapter.info), true);
  removeAsOthersDo(adapter);
  assertEquals(isAdapterThere(system, adapter.info), false);
});

hostTest("keepAdapter() ends when the adapter is removed, and leaves no record", async (host) => {
  const ready = Promise.withResolvers<Kept>();
  const order = { request: { name: "lab", type: "T" }, settings: {} };
  const keeping = keepAdapter(host, order, ready.resolve, new AbortController().signal);
  const { info } = await ready.promise;
  await host.remove(info);
  assertEquals((await assertRejects(() => keeping, HostError)).kind, "removed");
  using system = new System(libraries);
  assertEquals([system.registry.open("SOFTWARE\\wintun adapters"), await host.list()], [undefined, []]);
  using again = await host.create({ name: "lab", type: "T" });
  assertEquals(again.info.name, "lab");
});
