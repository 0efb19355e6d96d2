/** The owners of adapters, and the changes that they allow, on the emulator. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Host } from "../../src/tun/host.ts";
import { ownerKind } from "../../src/tun/ownership.ts";
import { control, counts } from "./fixture.ts";
import {
  assertHostError,
  cidrs,
  hostTest,
  infoOf,
  OtherProgram,
  outcomeOf,
  renameAsUsersDo,
} from "./host_fixture.ts";

const SETTINGS = { addresses: cidrs("10.99.0.1/24"), mtu: 1300 };

const CHANGES: Record<string, (host: Host, name: string, force: boolean) => Promise<unknown>> = {
  configure: async (host, name, force) =>
    await host.configure((await host.find(name))!.luid, SETTINGS, { force }),
  open: async (host, name, force) => (await host.open(name, { force })).close(),
  remove: async (host, name, force) => await host.remove((await host.find(name))!, { force }),
};
for (const [method, change] of Object.entries(CHANGES)) {
  hostTest(
    `${method}() refuses the adapter of another program and changes nothing, until force`,
    async (host) => {
      using _other = new OtherProgram("wg0");
      const before = await host.list();
      assertEquals(before.map(ownerKind), ["other"]);
      const error = await assertHostError("failed", () => change(host, "wg0", false));
      assertStringIncludes(error.message, 'another program made it, with tunnel type "Other"');
      assertEquals(await host.list(), before);
      await change(host, "wg0", true);
    },
  );
}

hostTest("configure() refuses a network interface that is none of Wintun's", async (host) => {
  await assertHostError("not-found", () => host.configure(1n, SETTINGS, { force: true }));
});

hostTest(
  "create() names the program that has the name, and offers --if-not-exists for a kept one only",
  async (host) => {
    using _other = new OtherProgram("wg0");
    using _kept = await host.create({ name: "kept", type: "T", role: "keeper" });
    using _served = await host.create({ name: "served", type: "T" });
    const reason = async (name: string): Promise<[string, boolean]> => {
      const error = await assertHostError("exists", () => host.create({ name, type: "T" }));
      return [error.reason, error.hint.includes("--if-not-exists")];
    };
    assertEquals(await reason("wg0"), [
      'another program made the adapter of this name, with tunnel type "Other"',
      false,
    ]);
    assertEquals(await reason("kept"), ["a network adapter has this name", true]);
    assertEquals(await reason("served"), [
      `process ${Deno.pid} made the adapter of this name for itself, and Windows removes it when that process ends`,
      false,
    ]);
  },
);

hostTest(
  "find() finds our adapter that another program renamed by the name of its creation",
  async (host) => {
    using lab = await host.create({ name: "lab", type: "T", role: "keeper" });
    {
      using _other = new OtherProgram("lab");
      assertEquals((await host.find("lab"))?.guid === lab.info.guid, false);
    }
    for (const name of ["lab 1", "LAB", lab.info.guid]) {
      const found = await host.find(name);
      assertEquals([found?.name, found?.createdAs, found?.guid], ["lab 1", "lab", lab.info.guid], name);
    }
    using opened = await host.open("lab 1");
    assertEquals(opened.info.luid, lab.info.luid);
    const error = await assertHostError("exists", () => host.create({ name: "lab", type: "T" }));
    assertStringIncludes(error.message, 'adapter "lab 1", created as "lab", has the GUID');
    assertStringIncludes(error.hint, "--if-not-exists");
  },
);

hostTest("an adapter that has its first name again is not shown as renamed", async (host) => {
  using lab = await host.create({ name: "lab", type: "T" });
  {
    using _other = new OtherProgram("lab");
  }
  renameAsUsersDo("lab 1", "lab");
  const found = await infoOf(host, lab);
  assertEquals([found.name, found.createdAs], ["lab", undefined]);
  using opened = await host.open("lab");
  assertEquals(opened.info.luid, lab.info.luid);
});

hostTest("open() opens our adapter that a user has renamed", async (host) => {
  using lab = await host.create({ name: "lab", type: "T" });
  renameAsUsersDo("lab", "office");
  for (const name of ["lab", "office"]) {
    using opened = await host.open(name);
    assertEquals([opened.info.luid, opened.info.createdAs], [lab.info.luid, "lab"], name);
  }
});

hostTest(
  "open() fails when wintun.dll opens another adapter of the same name of creation, and lets go",
  async (host) => {
    using first = await host.create({ name: "lab", type: "T" });
    renameAsUsersDo("lab", "lab 1");
    using second = await host.create({
      name: "lab",
      type: "T",
      guid: "11111111-2222-3333-4444-555555555555",
    });
    const handles = counts().adapterHandles;
    const error = await assertHostError("failed", () => host.open("lab 1"));
    assertEquals(
      error.reason,
      'wintun.dll opens "lab" in the place of "lab 1": wintun.dll knows both as "lab"',
    );
    assertEquals(counts().adapterHandles, handles);
    using opened = await host.open("lab");
    assertEquals([opened.info.luid, (await infoOf(host, first)).name], [second.info.luid, "lab 1"]);
  },
);

hostTest(
  "a legacy adapter with a network interface is listed once, found by name and GUID, and removed by force",
  async (host) => {
    using other = new OtherProgram("old");
    control.EmulatorMakeLegacy(other.handle);
    const shown = await host.list({ all: true });
    assertEquals(shown.map(({ name, state, type }) => [name, state, type]), [["old", "legacy", "Other"]]);
    assertEquals(await host.list(), []);
    const [legacy] = shown;
    assert(legacy.luid !== 0n);
    assertEquals(await host.find("OLD"), legacy);
    assertEquals(await host.find(legacy.guid, { all: true }), legacy);
    assertStringIncludes(
      (await assertHostError("failed", () => host.remove(legacy))).message,
      "another program made it, with Wintun 0.13 or older",
    );
    await host.remove(legacy, { force: true });
    assertEquals(await host.list({ all: true }), []);
  },
);

hostTest(
  "find() with all finds orphaned and legacy devices without an interface, as list() shows them",
  async (host) => {
    control.EmulatorSetOrphanedDevices(1);
    control.EmulatorSetLegacyDevices(1);
    const shown = await host.list({ all: true });
    assertEquals(shown.map(({ state }) => state), ["orphaned", "legacy"]);
    for (const info of shown) {
      assertEquals(await host.find(info.name), undefined);
      assertEquals(await host.find(info.name, { all: true }), info);
      await host.remove(info, { force: true });
    }
    assertEquals(await host.list({ all: true }), []);
  },
);

hostTest("configure() and check() name the interface that has an address", async (host) => {
  using first = await host.create({ name: "one", type: "T" });
  using second = await host.create({ name: "two", type: "T" });
  await host.configure(first.info.luid, SETTINGS);
  const calls = [
    () => host.configure(second.info.luid, SETTINGS),
    () => host.configure(second.info.luid, SETTINGS, { dryRun: true }),
    () => host.check({ name: "new", type: "T" }, SETTINGS),
  ];
  for (const call of calls) {
    const { reason } = await assertHostError("failed", call);
    assertEquals(reason, 'another interface, "one", has the address 10.99.0.1/24');
  }
});

hostTest("configure() with dryRun tells what it would change, and changes nothing", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  const settings = { ...SETTINGS, metric: 7, routes: cidrs("10.98.0.0/16") };
  const before = await infoOf(host, adapter);
  const plan = await host.configure(luid, settings, { dryRun: true });
  assertEquals(plan.changes, [
    { setting: "mtu", before: ["65535"], after: ["1300"] },
    { setting: "metric", before: ["automatic"], after: ["7"] },
    { setting: "address", before: [], after: ["10.99.0.1/24"] },
    { setting: "route", before: [], after: ["10.98.0.0/16"] },
  ]);
  assertEquals(await infoOf(host, adapter), before);
  assertEquals(await host.configure(luid, settings), plan);
  assertEquals(outcomeOf(await host.configure(luid, settings, { dryRun: true })), {
    changed: false,
    warnings: [],
  });
});
