/** The category of an adapter's network on the emulator, whose adapters have a network while they have a session. */

import { assertEquals } from "@std/assert";
import type { Adapter, Host } from "../../src/tun/host.ts";
import type { CategorySetting } from "../../src/tun/settings/category.ts";
import { CategoryWatch } from "../../src/tun/windows/category_watch.ts";
import { GivenCategories } from "../../src/tun/windows/given_categories.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { System } from "../../src/windows/system.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { CALL } from "../emulator/control.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";
import { assertHostError, hostTest, infoOf, OtherProgram } from "./host_fixture.ts";

const REGDB_E_CLASSNOTREG = 0x8004_0154;
const E_ACCESSDENIED = 0x8007_0005;
const E_FAIL = 0x8000_4005;
const DOMAIN = 2;

/** Gives a network another category behind the back of the program. */
const { EmulatorSetCategory } = Deno.dlopen(libraries.ole32!, {
  EmulatorSetCategory: { parameters: ["pointer", "u32"], result: "void" },
}).symbols;

async function categoriesOf(host: Host, adapter: Adapter): Promise<unknown> {
  const { category, givenCategory } = (await infoOf(host, adapter)).details!;
  return [category, givenCategory];
}

/** A clock for watches: their timers end when the test says so. */
class Timers {
  readonly #waiting = new Set<() => void>();

  readonly start = (callback: () => void): () => void => {
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  };

  pass(): void {
    const due = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of due) callback();
  }
}

hostTest("an adapter has a category while Windows has identified its network", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  assertEquals(await categoriesOf(host, adapter), [undefined, undefined]);
  {
    using _session = adapter.openSession(MIN_RING_CAPACITY);
    assertEquals(await categoriesOf(host, adapter), ["public", undefined]);
  }
  assertEquals(await categoriesOf(host, adapter), [undefined, undefined]);
});

hostTest(
  "list() reads the categories that networks have only when they are asked for, and no details when they are not wanted",
  async (host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    using _session = adapter.openSession(MIN_RING_CAPACITY);
    await host.configure(adapter.info.luid, { category: "private" });
    const [[plain], [full]] = [await host.list(), await host.list({ categories: true })];
    assertEquals([plain.details?.category, full.details?.category], [undefined, "private"]);
    assertEquals([plain.details?.givenCategory, full.details?.givenCategory], ["private", "private"]);
    assertEquals((await host.list({ details: false })).map(({ details }) => details), [undefined]);
  },
);

hostTest("configure() sets the category of a network at once, and gives it back", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  using _session = adapter.openSession(MIN_RING_CAPACITY);
  const set = (category: CategorySetting) => host.configure(adapter.info.luid, { category });
  const change = { setting: "category", before: ["default"], after: ["private"] };
  assertEquals((await set("private")).changes, [change]);
  assertEquals(await categoriesOf(host, adapter), ["private", "private"]);
  assertEquals((await set("private")).changed, false);
  assertEquals((await set("default")).changed, true);
  assertEquals(await categoriesOf(host, adapter), ["public", undefined]);
  assertEquals((await set("default")).changed, false);
});

hostTest("configure() remembers the category of an adapter without a network", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  assertEquals((await host.configure(luid, { category: "private" }, { dryRun: true })).changed, true);
  assertEquals(await categoriesOf(host, adapter), [undefined, undefined]);
  await host.configure(luid, { category: "private" });
  assertEquals(await categoriesOf(host, adapter), [undefined, "private"]);
  assertEquals((await host.configure(luid, { category: "private" })).changed, false);
});

hostTest("configure() sets a category again that somebody else has changed", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  await host.configure(luid, { category: "private" });
  using _session = adapter.openSession(MIN_RING_CAPACITY);
  const { changes } = await host.configure(luid, { category: "private" });
  assertEquals(changes, [{ setting: "category", before: ["public"], after: ["private"] }]);
  assertEquals(await categoriesOf(host, adapter), ["private", "private"]);
});

hostTest("an adapter of a GUID for which a category was set before leaves it to Windows", async (host) => {
  const request = { name: "lab", type: "T" };
  {
    using earlier = await host.create(request);
    await host.configure(earlier.info.luid, { category: "private" });
  }
  using adapter = await host.create(request);
  assertEquals(await categoriesOf(host, adapter), [undefined, undefined]);
});

hostTest("create() forgets the categories of holders that were killed", async (host) => {
  const [guid, other] = ["deadbabe-cafe-beef-0123-456789abcdef", "deadbabe-cafe-beef-0123-456789abcde0"];
  using system = new System(libraries);
  const given = new GivenCategories(system.registry);
  for (const left of [guid, other]) given.set(left, "private");
  using adapter = await host.create({ name: "lab", type: "T", guid });
  assertEquals(await categoriesOf(host, adapter), [undefined, undefined]);
  assertEquals(given.get(other), undefined);
});

hostTest("configure() takes everything back when Windows refuses the category", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  using _session = adapter.openSession(MIN_RING_CAPACITY);
  const before = await infoOf(host, adapter);
  control.EmulatorFailNext(CALL.setCategory, E_ACCESSDENIED, 1);
  const refused = await host.configure(adapter.info.luid, { mtu: 1400, category: "private" }).catch((e) => e);
  assertEquals(
    refused.message,
    'Cannot configure adapter "lab": cannot set the category of the network: access is denied ' +
      "(ERROR_ACCESS_DENIED, 5)",
  );
  assertEquals(await infoOf(host, adapter), before);
});

hostTest("a network that goes away meanwhile takes nothing from the others", async (host) => {
  using lab = await host.create({ name: "lab", type: "T" });
  using _session = lab.openSession(MIN_RING_CAPACITY);
  using _other = await host.create({ name: "other", type: "T" });
  using _otherSession = _other.openSession(MIN_RING_CAPACITY);
  control.EmulatorFailNext(CALL.getCategory, E_FAIL, 1);
  const categories = (await host.list({ categories: true })).map(({ details }) => details?.category);
  assertEquals(categories.toSorted(), ["public", undefined]);
  control.EmulatorFailNext(CALL.getCategory, E_FAIL, 1);
  await host.configure(lab.info.luid, { category: "private" });
  assertEquals((await infoOf(host, lab)).details?.givenCategory, "private");
});

hostTest(
  "without a Network List Manager there is no category, and setting one is refused",
  async (host) => {
    using adapter = await host.create({ name: "lab", type: "T" });
    using _session = adapter.openSession(MIN_RING_CAPACITY);
    control.EmulatorFailNext(CALL.createNetworkList, REGDB_E_CLASSNOTREG, 3);
    assertEquals(await categoriesOf(host, adapter), [undefined, undefined]);
    const error = await assertHostError(
      "failed",
      () => host.configure(adapter.info.luid, { mtu: 1400, category: "private" }),
    );
    assertEquals(
      error.reason,
      "Windows does not report the categories of networks: this Windows does not have this component",
    );
    control.EmulatorResetFaults();
    assertEquals((await infoOf(host, adapter)).mtu, 65535);
  },
);

hostTest(
  "configure() sets the category of another program's adapter only while it has a network",
  async (host) => {
    using _other = new OtherProgram("other");
    const { luid } = (await host.find("other"))!;
    const set = (category: CategorySetting) => host.configure(luid, { category }, { force: true });
    for (const dryRun of [true, false]) {
      const error = await assertHostError(
        "failed",
        () => host.configure(luid, { category: "private" }, { force: true, dryRun }),
      );
      assertEquals(error.reason, "Windows has not identified its network yet");
    }
    assertEquals((await set("default")).changed, false);
    using opened = await host.open("other", { force: true });
    using _session = opened.openSession(MIN_RING_CAPACITY);
    assertEquals((await set("private")).changed, true);
    assertEquals((await set("private")).changed, false);
    assertEquals(await categoriesOf(host, opened), ["private", undefined]);
    assertEquals((await set("default")).changed, true);
    assertEquals((await set("default")).changed, false);
  },
);

hostTest("the category of a domain's network is shown, and cannot be set", async (host) => {
  using other = new OtherProgram("other");
  using opened = await host.open("other", { force: true });
  using _session = opened.openSession(MIN_RING_CAPACITY);
  EmulatorSetCategory(other.handle, DOMAIN);
  assertEquals(await categoriesOf(host, opened), ["domain", undefined]);
  for (const dryRun of [true, false]) {
    const error = await assertHostError(
      "failed",
      () => host.configure(opened.info.luid, { category: "private" }, { force: true, dryRun }),
    );
    assertEquals(
      error.reason,
      "Windows has authenticated its network to a domain, so its category stays domain",
    );
  }
});

emulatorTest("a watch gives a network its category whenever Windows identifies it anew", async () => {
  const log: string[] = [];
  using system = new System(libraries);
  await using host = await openWindowsHost({ libraries });
  using other = new OtherProgram("other");
  using opened = await host.open("other", { force: true });
  const timers = new Timers();
  const given = new GivenCategories(system.registry);
  using _watch = new CategoryWatch(opened.info, {
    networks: system.networkList,
    network: system.network,
    given,
    log: ({ level, message }) => log.push(`${level}: ${message}`),
    startTimer: timers.start,
  });
  const said = 'info: The network of adapter "other" was public and is private now';
  const category = async (): Promise<unknown> => (await infoOf(host, opened)).details?.category;
  {
    using _session = opened.openSession(MIN_RING_CAPACITY);
    timers.pass();
    assertEquals([await category(), log], ["public", []], "nobody has set one");
    given.set(opened.info.guid, "private");
    timers.pass();
    assertEquals([await category(), log], ["private", [said]]);
  }
  timers.pass();
  using _session = opened.openSession(MIN_RING_CAPACITY);
  assertEquals(await category(), "public", "a new network");
  timers.pass();
  timers.pass();
  assertEquals([await category(), log], ["private", [said, said]]);
  EmulatorSetCategory(other.handle, DOMAIN);
  timers.pass();
  assertEquals(await category(), "domain");
  given.set(opened.info.guid, undefined);
  EmulatorSetCategory(other.handle, 0);
  timers.pass();
  assertEquals([await category(), log.length], ["public", 2], "given back to Windows");
});

emulatorTest("a watch logs a fault once, and goes on", async () => {
  const log: string[] = [];
  using system = new System(libraries);
  await using host = await openWindowsHost({ libraries });
  using _other = new OtherProgram("other");
  using opened = await host.open("other", { force: true });
  using _session = opened.openSession(MIN_RING_CAPACITY);
  const timers = new Timers();
  const given = new GivenCategories(system.registry);
  using watch = new CategoryWatch(opened.info, {
    networks: system.networkList,
    network: system.network,
    given,
    log: ({ level }) => log.push(level),
    startTimer: timers.start,
  });
  given.set(opened.info.guid, "private");
  control.EmulatorFailNext(CALL.setCategory, E_ACCESSDENIED, 2);
  timers.pass();
  timers.pass();
  assertEquals(log, ["warning"]);
  timers.pass();
  assertEquals(log, ["warning", "info"]);
  watch.close();
  assertEquals(given.get(opened.info.guid), undefined);
});
