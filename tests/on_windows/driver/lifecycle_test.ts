import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { adapterTest, ask, ended, list, must } from "../adapters.ts";
import { endProcess } from "../end_process.ts";
import { ping, serve } from "../program.ts";

adapterTest("create makes an adapter that is listed, served, set and deleted by later commands", async () => {
  const created = await must("create", "lab", "--address", "10.77.0.1/24", "--mtu", "1400", "--type", "Test");
  assertEquals([created.changed, created.created], [true, true]);
  assertEquals(created.adapter.guid, created.requestedGuid);
  const [shown, ...more] = await list();
  assertEquals(more, []);
  assertEquals(shown, created.adapter);
  const { name, type, mtu, addresses, state, owner } = shown;
  assertEquals({ name, type, mtu, addresses, state }, {
    name: "lab",
    type: "Test",
    mtu: 1400,
    addresses: ["10.77.0.1/24"],
    state: "down",
  });
  assertEquals([owner.ours, owner.role], [true, "keeper"]);
  assertMatch(shown.driverVersion, /^0\.\d+\.\d+\.\d+$/);
  {
    await using serving = await serve("lab", "--count", "2");
    assertEquals((await serving.ready).created, false);
    assertEquals((await list())[0].state, "up");
    assert(await ping("10.77.0.9", 2));
    assertEquals((await serving.ended).code, 0);
  }
  assertEquals((await must("set", "lab", "--mtu", "1300", "--metric", "9")).changed, true);
  assertEquals((await must("set", "lab", "--mtu", "1300", "--metric", "9")).changed, false);
  assertEquals([(await list())[0].mtu, (await list())[0].metric], [1300, 9]);
  const deleted = await must("delete", "lab");
  assertEquals(deleted, {
    schema: 1,
    changed: true,
    deleted: [{ name: "lab", guid: created.adapter.guid }],
    missing: [],
  });
  assertEquals(await list(), []);
  await ended(owner.pid);
});

adapterTest("set replaces the routes of an adapter whose only address was replaced before", async () => {
  await must("create", "lab", "--address", "10.77.0.1/24", "--route", "10.78.0.0/16");
  assertEquals((await must("set", "lab", "--address", "10.77.0.1/16")).changed, true);
  assertEquals((await must("set", "lab", "--route", "10.78.0.0/16")).changed, false);
  assertEquals((await must("set", "lab", "--route", "10.79.0.0/16")).changed, true);
  await must("delete", "lab");
});

adapterTest("IPv6 addresses are refused on an adapter whose MTU is too small for them", async () => {
  await must("create", "lab", "--mtu", "1200", "--address", "10.77.0.1/24");
  const { code, error } = await ask("set", "lab", "--address", "fd77::1/64");
  assertEquals([code, error.reason], [2, "IPv6 needs an MTU of 1280 or more, not 1200"]);
  await must("delete", "lab");
});

adapterTest(
  "the keeper that is killed leaves nothing, and create makes the adapter again at once",
  async () => {
    const { owner } = (await must("create", "lab")).adapter;
    await endProcess(owner.pid);
    const again = await must("create", "lab");
    assertEquals([again.created, again.adapter.state], [true, "down"]);
    assertNotEquals(again.adapter.owner.pid, owner.pid);
    await must("delete", "lab");
  },
);

adapterTest("serve on an adapter that is deleted ends with 10", async () => {
  await must("create", "lab", "--address", "10.77.0.1/24");
  await using serving = await serve("lab");
  await must("delete", "lab");
  const { code, stopped } = await serving.ended;
  assertEquals([code, stopped?.reason], [10, "removed"]);
});

adapterTest(
  "serve that made its adapter itself is told in list, and ends with 10 when it is deleted",
  async () => {
    await using serving = await serve("lab", "--address", "10.77.0.1/24");
    assertEquals((await list())[0].owner.role, "command");
    await must("delete", "lab");
    assertEquals((await serving.ended).code, 10);
  },
);
