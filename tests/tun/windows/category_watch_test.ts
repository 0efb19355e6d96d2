import { assertEquals } from "@std/assert";
import { CategoryWatch } from "../../../src/tun/windows/category_watch.ts";
import { StoppedClock } from "./stopped_clock.ts";
import type { ConnectedNetwork, SettableCategory } from "../../../src/windows/network/network_list.ts";

const PUBLIC: ConnectedNetwork = { category: "public", identity: "first" };
const GIVEN = 'info: The network of adapter "lab" was public and is private now';

/** A machine with one adapter, whose clock stands still until the test ends a timer. */
class Machine {
  connected = true;
  network: ConnectedNetwork | undefined = PUBLIC;
  given: SettableCategory | undefined = "private";
  /** What the Network List Manager does before each answer. */
  answering: () => Promise<void> | void = () => {};
  isNotifying = false;
  notify: () => void = () => {};
  readonly sets: string[] = [];
  readonly log: string[] = [];
  readonly #clock = new StoppedClock();

  watch(begin: () => void = () => {}): CategoryWatch {
    return new CategoryWatch({ name: "lab", guid: "guid" }, {
      networks: {
        find: async () => {
          await this.answering();
          return this.network;
        },
        setCategory: (_guid, category) => {
          this.sets.push(category);
          this.network = { category, identity: this.network?.identity };
          return Promise.resolve(true);
        },
      },
      isConnected: () => this.connected,
      given: {
        get: () => this.given,
        forget: () => this.given = undefined,
      },
      notify: async (onChange) => {
        begin();
        await Promise.resolve();
        this.isNotifying = true;
        this.notify = onChange;
        return { [Symbol.asyncDispose]: () => Promise.resolve(void (this.isNotifying = false)) };
      },
      log: ({ level, message }) => this.log.push(`${level}: ${message}`),
      startTimer: this.#clock.start,
    });
  }

  /** The times of the timers that run, in milliseconds. */
  get waits(): number[] {
    return this.#clock.waits;
  }

  /** Ends the timers that run, and waits for what follows from that. Returns how long they have run. */
  async pass(): Promise<number> {
    const ms = this.#clock.end();
    await settled();
    return ms;
  }

  /** Passes all times until the watch looks rarely. Returns how many they were. */
  async calmDown(): Promise<number> {
    for (let passed = 0;; passed++) {
      if (this.waits[0] === 60_000) return passed;
      await this.pass();
    }
  }
}

/** Waits until everything is done that waits for nothing else. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("a category watch looks every 2 seconds for a minute, and then once a minute", async () => {
  const machine = new Machine();
  await using _watch = machine.watch();
  assertEquals(machine.waits, [2_000]);
  assertEquals(await machine.calmDown(), 30);
  assertEquals(await machine.pass(), 60_000);
  assertEquals(machine.waits, [60_000]);
});

Deno.test("a notification makes it look every 2 seconds again, for another minute", async () => {
  const machine = new Machine();
  await using _watch = machine.watch();
  await machine.calmDown();
  machine.notify();
  machine.notify();
  assertEquals(machine.waits, [2_000]);
  for (let look = 0; look < 10; look++) await machine.pass();
  machine.notify();
  assertEquals(machine.waits, [2_000]);
  assertEquals(await machine.calmDown(), 30);
});

Deno.test("a notification during a look starts no second one", async () => {
  const machine = new Machine();
  const { promise, resolve } = Promise.withResolvers<void>();
  await using _watch = machine.watch();
  await machine.calmDown();
  machine.answering = () => promise;
  await machine.pass();
  machine.notify();
  assertEquals(machine.waits, []);
  resolve();
  await settled();
  assertEquals(machine.waits, [2_000]);
});

Deno.test("each network that Windows identifies gets the category, once", async () => {
  const machine = new Machine();
  await using _watch = machine.watch();
  machine.network = undefined;
  await machine.pass();
  assertEquals(machine.sets, []);
  machine.network = PUBLIC;
  await machine.pass();
  await machine.pass();
  assertEquals([machine.sets, machine.log], [["private"], [GIVEN]]);
  machine.network = { category: "public", identity: "second" };
  await machine.pass();
  assertEquals([machine.sets, machine.log], [["private", "private"], [GIVEN, GIVEN]]);
  machine.network = { category: "private", identity: "third" };
  await machine.pass();
  assertEquals(machine.sets.length, 2, "it has the category already");
});

Deno.test("a category that somebody changes stays until Windows identifies the network anew", async () => {
  const machine = new Machine();
  await using _watch = machine.watch();
  await machine.pass();
  machine.network = PUBLIC;
  await machine.pass();
  await machine.calmDown();
  assertEquals([machine.sets, machine.network.category], [["private"], "public"]);
  machine.network = { category: "public", identity: "second" };
  await machine.pass();
  assertEquals(machine.sets, ["private", "private"]);
});

Deno.test("another session has another network, even if Windows calls it the same", async () => {
  const machine = new Machine();
  await using _watch = machine.watch();
  await machine.pass();
  machine.connected = false;
  machine.notify();
  machine.connected = true;
  machine.network = PUBLIC;
  await machine.pass();
  assertEquals(machine.sets, ["private", "private"]);
});

Deno.test("without an identity of the network, every other category is replaced", async () => {
  const machine = new Machine();
  await using _watch = machine.watch();
  for (const _ of [1, 2]) {
    machine.network = { category: "public", identity: undefined };
    await machine.pass();
  }
  assertEquals(machine.sets, ["private", "private"]);
});

Deno.test("a category that is set later is given, too", async () => {
  const machine = new Machine();
  machine.given = undefined;
  await using _watch = machine.watch();
  await machine.calmDown();
  assertEquals(machine.sets, []);
  machine.given = "private";
  await machine.pass();
  machine.given = "public";
  await machine.pass();
  assertEquals(machine.sets, ["private", "public"]);
});

Deno.test("a category that is set again after it was left to Windows is given again", async () => {
  const machine = new Machine();
  await using _watch = machine.watch();
  await machine.pass();
  machine.given = undefined;
  machine.network = PUBLIC;
  await machine.pass();
  machine.given = "private";
  await machine.pass();
  assertEquals(machine.sets, ["private", "private"]);
});

Deno.test("the network of a domain keeps its category", async () => {
  const machine = new Machine();
  machine.network = { category: "domain", identity: "first" };
  await using _watch = machine.watch();
  await machine.pass();
  assertEquals([machine.sets, machine.log], [[], []]);
  machine.network = PUBLIC;
  await machine.pass();
  assertEquals(machine.sets, ["private"]);
});

Deno.test("a fault is logged once until it has passed, and the watch goes on", async () => {
  const machine = new Machine();
  const fault = 'warning: Adapter "lab": no answer';
  machine.answering = () => Promise.reject(new Error("no answer"));
  await using _watch = machine.watch();
  await machine.pass();
  await machine.pass();
  assertEquals(machine.log, [fault]);
  machine.answering = () => {};
  await machine.pass();
  assertEquals(machine.log, [fault, GIVEN]);
  machine.answering = () => Promise.reject(new Error("no answer"));
  await machine.pass();
  assertEquals(machine.log, [fault, GIVEN, fault]);
});

Deno.test("without notifications it says so, and still looks", async () => {
  const machine = new Machine();
  await using _watch = machine.watch(() => {
    throw new Error("Windows refuses");
  });
  await machine.pass();
  assertEquals(machine.log, ['warning: Adapter "lab": Windows refuses', GIVEN]);
});

Deno.test("close() ends the notifications and leaves the category to Windows", async () => {
  const machine = new Machine();
  const watch = machine.watch();
  await settled();
  assertEquals(machine.isNotifying, true);
  await watch.close();
  assertEquals([machine.waits, machine.isNotifying, machine.given], [[], false, undefined]);
  machine.notify();
  assertEquals(machine.waits, [], "a notification that comes late");
});

Deno.test("close() waits for the look that is under way, which changes nothing more", async () => {
  const machine = new Machine();
  const { promise, resolve } = Promise.withResolvers<void>();
  machine.answering = () => promise;
  const watch = machine.watch();
  await machine.pass();
  const closed = watch.close();
  resolve();
  await closed;
  assertEquals([machine.sets, machine.log, machine.waits], [[], [], []]);
});

Deno.test("close() gives up a look after a second, and says so", async () => {
  const machine = new Machine();
  const { promise, reject } = Promise.withResolvers<void>();
  machine.answering = () => promise;
  const watch = machine.watch();
  await machine.pass();
  const closed = watch.close();
  assertEquals(machine.waits, [1_000]);
  await machine.pass();
  await closed;
  const said = [
    'warning: Adapter "lab": Windows has not answered a question about its network, and is not waited for any longer',
  ];
  assertEquals(machine.log, said);
  reject(new Error("too late"));
  await settled();
  assertEquals([machine.log, machine.waits], [said, []]);
});
