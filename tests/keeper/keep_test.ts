import { assert, assertEquals, assertRejects, fail } from "@std/assert";
import { keepAdapter, type Kept } from "../../src/keeper/keep.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { SimulatedHost } from "../../src/tun/simulated/host.ts";
import { parseCidr } from "../../src/wire/cidr.ts";

const ORDER = {
  request: { name: "lab", type: "T" },
  settings: { addresses: [parseCidr("10.6.7.7/24")], mtu: 1400 },
};
const UNINTERRUPTED = new AbortController().signal;

Deno.test("keepAdapter() is ready with the settings in place, holds, and lets go when it is asked to", async () => {
  await using host = new SimulatedHost();
  const ready = Promise.withResolvers<Kept>();
  const keeping = keepAdapter(host, ORDER, ready.resolve, UNINTERRUPTED);
  const { configured } = await ready.promise;
  const info = (await host.find("lab"))!;
  assertEquals([info.addresses, info.mtu, configured.changed], [ORDER.settings.addresses, 1400, true]);
  assertEquals(info.owner?.role, "keeper");
  await host.stop(info, 1000);
  await keeping;
  assertEquals(await host.list(), []);
});

Deno.test("keepAdapter() fails with removed when somebody else removes the adapter that it holds", async () => {
  await using host = new SimulatedHost();
  const keeping = keepAdapter(host, ORDER, ({ info }) => host.remove(info), UNINTERRUPTED);
  const error = await assertRejects(
    () => keeping,
    HostError,
    'Cannot go on holding adapter "lab": it was removed',
  );
  assertEquals(error.kind, "removed");
});

Deno.test("keepAdapter() lets go when it is interrupted", async () => {
  await using host = new SimulatedHost();
  const interrupt = new AbortController();
  const wasReady = await keepAdapter(host, ORDER, () => interrupt.abort(), interrupt.signal);
  assertEquals([wasReady, await host.list()], [true, []]);
});

for (const step of ["create", "configure"] as const) {
  Deno.test(`keepAdapter() is not ready, and lets go, when it is interrupted during ${step}`, async () => {
    await using host = new SimulatedHost();
    const interrupt = new AbortController();
    const original = host[step].bind(host) as (...args: unknown[]) => Promise<never>;
    host[step] = (...args: unknown[]) => {
      interrupt.abort();
      return original(...args);
    };
    const onReady = (): never => fail("it was ready");
    const wasReady = await keepAdapter(host, ORDER, onReady, interrupt.signal);
    assertEquals([wasReady, await host.list()], [false, []]);
  });
}

Deno.test("keepAdapter() creates nothing when it was interrupted before", async () => {
  await using host = new SimulatedHost();
  host.create = () => fail("it was created");
  assertEquals(await keepAdapter(host, ORDER, () => {}, AbortSignal.abort()), false);
});

Deno.test("keepAdapter() leaves nothing behind when the settings are refused", async () => {
  await using host = new SimulatedHost();
  const settings = { addresses: [parseCidr("fd00::1/64")], mtu: 600 };
  let isReady = false;
  const keeping = keepAdapter(host, { ...ORDER, settings }, () => isReady = true, UNINTERRUPTED);
  assertEquals((await assertRejects(() => keeping, HostError)).kind, "invalid");
  assertEquals([isReady, await host.list()], [false, []]);
});

Deno.test("keepAdapter() is not ready when the adapter is deleted before that", async () => {
  await using host = new SimulatedHost();
  const configure = host.configure.bind(host);
  let stopped: Promise<void> | undefined;
  host.configure = async (luid, settings) => {
    const configured = await configure(luid, settings);
    stopped = host.stop((await host.find("lab"))!, 1000);
    return configured;
  };
  let isReady = false;
  const keeping = keepAdapter(host, ORDER, () => isReady = true, UNINTERRUPTED);
  assertEquals((await assertRejects(() => keeping, HostError)).kind, "removed");
  await stopped;
  assert(!isReady);
});

Deno.test("keepAdapter() says exists when the name is taken, and leaves the other adapter alone", async () => {
  await using host = new SimulatedHost();
  using other = await host.create({ name: "lab", type: "T" });
  const error = await assertRejects(() => keepAdapter(host, ORDER, () => {}, UNINTERRUPTED), HostError);
  assertEquals(error.kind, "exists");
  assertEquals((await host.find("lab"))?.guid, other.info.guid);
});
