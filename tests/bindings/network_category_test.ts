/** The category of an adapter's network on the emulator, whose adapters have a network while they have a session. */

import { assertEquals, assertRejects } from "@std/assert";
import type { Adapter, Host } from "../../src/tun/host.ts";
import { parseRoute } from "../../src/tun/settings/route.ts";
import type { Settings } from "../../src/tun/settings/settings.ts";
import type { CategorySetting } from "../../src/tun/settings/category.ts";
import { CategoryWatch } from "../../src/tun/windows/category_watch.ts";
import { GivenCategories } from "../../src/tun/windows/given_categories.ts";
import { NetworkList } from "../../src/windows/network/network_list.ts";
import { Win32Error } from "../../src/windows/win32_error.ts";
import { System } from "../../src/windows/system.ts";
import { MIN_RING_CAPACITY } from "../../src/wintun/symbols.ts";
import { CALL } from "../emulator/control.ts";
import { control, emulatorTest, libraries } from "./fixture.ts";
import { eventually } from "../on_windows/eventually.ts";
import { StoppedClock } from "../tun/windows/stopped_clock.ts";
import { assertHostError, cidrs, hostTest, infoOf, OtherProgram } from "./host_fixture.ts";

const REGDB_E_CLASSNOTREG = 0x8004_0154;
const E_ACCESSDENIED = 0x8007_0005;
const E_FAIL = 0x8000_4005;
const PUBLIC = 0;
const DOMAIN = 2;

const emulated = Deno.dlopen(libraries.ole32!, {
  EmulatorSetCategory: { parameters: ["pointer", "u32"], result: "void" },
  EmulatorIdentifyNetwork: { parameters: ["pointer"], result: "void" },
  EmulatorHangNetworkList: { parameters: ["i32"], result: "void" },
}).symbols;

/** Makes the Network List Manager hang until the result is disposed of. */
function hang(): Disposable {
  emulated.EmulatorHangNetworkList(1);
  return { [Symbol.dispose]: () => emulated.EmulatorHangNetworkList(0) };
}

async function categoriesOf(host: Host, adapter: Adapter): Promise<unknown> {
  const { category, givenCategory } = (await infoOf(host, adapter)).details!;
  return [category, givenCategory];
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

for (const given of ["public", "private"] as const) {
  hostTest(
    `configure() leaves a network public that is to be ${given} when Windows refuses another`,
    async (host) => {
      using adapter = await host.create({ name: "lab", type: "T" });
      const { luid } = adapter.info;
      await host.configure(luid, { category: given });
      using _session = adapter.openSession(MIN_RING_CAPACITY);
      assertEquals(await categoriesOf(host, adapter), ["public", given]);
      control.EmulatorFailNext(CALL.setCategory, E_ACCESSDENIED, 1);
      await assertRejects(
        () => host.configure(luid, { category: "private" }),
        Win32Error,
        "access is denied",
      );
      assertEquals(await categoriesOf(host, adapter), ["public", given]);
    },
  );
}

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
  emulated.EmulatorSetCategory(other.handle, DOMAIN);
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

/** A watch of the adapter of another program, on a clock that stands still. */
class Watching implements AsyncDisposable {
  readonly log: string[] = [];
  readonly clock = new StoppedClock();
  readonly given: GivenCategories;
  readonly watch: CategoryWatch;
  readonly #system = new System(libraries);

  constructor({ info }: Adapter) {
    this.given = new GivenCategories(this.#system.registry);
    this.watch = CategoryWatch.start(this.#system, info, {
      given: this.given,
      log: ({ level, message }) => this.log.push(`${level}: ${message}`),
      startTimer: this.clock.start,
    });
  }

  /** Ends the timer that runs, and waits until the watch has looked. */
  async look(): Promise<void> {
    this.clock.end();
    while (this.clock.waits.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Lets the watch look until it does so rarely. */
  async calmDown(): Promise<void> {
    while (this.clock.waits[0] !== 60_000) await this.look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.watch.close();
    this.#system.close();
  }
}

const GIVEN = 'info: The network of adapter "other" was public and is private now';

hostTest("a watch gives a network its category whenever Windows identifies it anew", async (host) => {
  using other = new OtherProgram("other");
  using opened = await host.open("other", { force: true });
  await using watching = new Watching(opened);
  const { given, log } = watching;
  const category = async (): Promise<unknown> => (await infoOf(host, opened)).details?.category;
  {
    using _session = opened.openSession(MIN_RING_CAPACITY);
    await watching.look();
    assertEquals([await category(), log], ["public", []], "nobody has set one");
    given.set(opened.info.guid, "private");
    await watching.look();
    assertEquals([await category(), log], ["private", [GIVEN]]);
  }
  using _session = opened.openSession(MIN_RING_CAPACITY);
  assertEquals(await category(), "public", "a new session");
  await watching.look();
  await watching.look();
  assertEquals([await category(), log.length], ["private", 2]);
  emulated.EmulatorSetCategory(other.handle, PUBLIC);
  await watching.look();
  assertEquals(await category(), "public", "somebody has changed it");
  emulated.EmulatorIdentifyNetwork(other.handle);
  await watching.look();
  assertEquals([await category(), log.length], ["private", 3]);
  emulated.EmulatorSetCategory(other.handle, DOMAIN);
  await watching.look();
  assertEquals(await category(), "domain");
  given.set(opened.info.guid, undefined);
  emulated.EmulatorIdentifyNetwork(other.handle);
  await watching.look();
  assertEquals([await category(), log.length], ["public", 3], "given back to Windows");
});

hostTest("a watch that looks rarely is woken by changes of its adapter alone", async (host) => {
  using _other = new OtherProgram("other");
  using opened = await host.open("other", { force: true });
  using lab = await host.create({ name: "lab", type: "T" });
  await using watching = new Watching(opened);
  const { clock } = watching;
  const isWoken = (): Promise<boolean> => eventually(() => clock.waits[0] === 2_000);
  await watching.calmDown();
  {
    using _session = lab.openSession(MIN_RING_CAPACITY);
    await host.configure(lab.info.luid, {
      addresses: cidrs("10.6.7.7/24"),
      routes: [parseRoute("10.8.0.0/16")],
    });
    // The notifications have come when this one has.
    await using later = new Watching(lab);
    await later.calmDown();
    await host.configure(lab.info.luid, { addresses: [] });
    await eventually(() => later.clock.waits[0] === 2_000);
    assertEquals(clock.waits, [60_000]);
  }
  using _session = opened.openSession(MIN_RING_CAPACITY);
  assertEquals(await isWoken(), true, "a session");
  const settings: Settings[] = [{ addresses: cidrs("10.6.9.7/24") }, { routes: [parseRoute("10.9.0.0/16")] }];
  for (const change of settings) {
    await watching.calmDown();
    await host.configure(opened.info.luid, change, { force: true });
    assertEquals(await isWoken(), true, Object.keys(change)[0]);
  }
});

hostTest("a watch gives the category again when Windows does not say when it was connected", async (host) => {
  using other = new OtherProgram("other");
  using opened = await host.open("other", { force: true });
  await using watching = new Watching(opened);
  watching.given.set(opened.info.guid, "private");
  using _session = opened.openSession(MIN_RING_CAPACITY);
  control.EmulatorFailNext(CALL.getNetworkTimes, E_FAIL, 2);
  for (const times of [1, 2]) {
    await watching.look();
    assertEquals(watching.log.length, times);
    emulated.EmulatorSetCategory(other.handle, PUBLIC);
  }
});

hostTest("a watch logs a fault once, and goes on", async (host) => {
  using _other = new OtherProgram("other");
  using opened = await host.open("other", { force: true });
  using _session = opened.openSession(MIN_RING_CAPACITY);
  await using watching = new Watching(opened);
  watching.given.set(opened.info.guid, "private");
  control.EmulatorFailNext(CALL.setCategory, E_ACCESSDENIED, 2);
  await watching.look();
  await watching.look();
  assertEquals(watching.log, [
    'warning: Adapter "other": Cannot set the category of the network to private: access is denied (ERROR_ACCESS_DENIED, 5)',
  ]);
  await watching.look();
  assertEquals(watching.log.slice(1), [GIVEN]);
  await watching.watch.close();
  assertEquals(watching.given.get(opened.info.guid), undefined);
});

emulatorTest(
  "a Network List Manager that hangs is waited for once, and asked again when it has answered",
  async () => {
    using system = new System(libraries);
    const networks = new NetworkList(system.libraries, 50);
    const late = "it has not answered in time (ERROR_TIMEOUT, 1460)";
    {
      using _hanging = hang();
      await assertRejects(() => networks.find("guid"), Win32Error, late);
      const refused = networks.categories().catch(() => "refused");
      const waited = new Promise((resolve) => setTimeout(() => resolve("waited"), 0));
      assertEquals(await Promise.race([refused, waited]), "refused");
      await assertRejects(() => networks.setCategory("guid", "private"), Win32Error, late);
      assertEquals(networks.isWaiting, true);
    }
    assertEquals(await eventually(() => !networks.isWaiting), true);
    assertEquals(await networks.find("guid"), undefined);
  },
);

emulatorTest("an answer that comes after the system's DLLs were to be closed does no harm", async () => {
  const system = new System(libraries);
  {
    using _hanging = hang();
    void system.networkList.find("guid");
    system.close();
  }
  assertEquals(await eventually(() => !system.networkList.isWaiting), true);
  system.close();
});

hostTest("while the Network List Manager hangs, everything else goes on after 5 seconds", async (host) => {
  using adapter = await host.create({ name: "lab", type: "T" });
  const { luid } = adapter.info;
  using _session = adapter.openSession(MIN_RING_CAPACITY);
  {
    using _hanging = hang();
    const { changes, warnings } = await host.configure(luid, { mtu: { 4: 1400 }, category: "private" });
    assertEquals(changes.map(({ setting }) => setting), ["mtu", "category"]);
    assertEquals(warnings, [
      "Windows has not said in time which category the network has. The process that holds the adapter sets it when Windows answers.",
    ]);
    assertEquals(await categoriesOf(host, adapter), [undefined, "private"]);
  }
  assertEquals(
    await eventually(async () => (await categoriesOf(host, adapter) as unknown[])[0] === "private"),
    true,
  );
});
