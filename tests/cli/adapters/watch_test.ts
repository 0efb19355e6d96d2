import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { main } from "../validated_main.ts";
import { parseCidr } from "../../../src/wire/cidr.ts";
import { ChosenMachine } from "../chosen_machine.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { viewOf } from "../host_view.ts";
import { machineTest } from "../machine.ts";
import { Watching } from "./watching.ts";

machineTest("watch reports an adapter that comes, each change of it, and that it goes", async (machine) => {
  const { watching, ready } = await Watching.start(machine.host);
  assertEquals(ready, { schema: 1, event: "ready", adapters: [] });
  await machine.run("create", "lab", "--address", "10.77.0.1/24");
  const added = await watching.next();
  assertEquals([added.event, added.adapter.name, added.adapter.addresses], ["added", "lab", [
    "10.77.0.1/24",
  ]]);
  assertMatch(added.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

  for (
    const [option, value, before] of [
      ["address", "10.78.0.1/24", "10.77.0.1/24"],
      ["mtu", "1400", "65535"],
      ["metric", "7", "automatic"],
      ["forwarding", "on", "off"],
      ["route", "10.79.0.0/16"],
      ["dns", "10.78.0.53"],
      ["dns-suffix", "lab.example"],
      ["dns-search", "example"],
      ["dns-registration", "on", "off"],
    ]
  ) {
    await machine.run("set", "lab", `--${option}`, value);
    const { event, changes } = await watching.next();
    const expected = [{ setting: option, before: before === undefined ? [] : [before], after: [value] }];
    assertEquals({ event, changes }, { event: "changed", changes: expected });
  }

  const adapter = await machine.host.open("lab");
  adapter.openSession(0x20000);
  const up = await watching.next();
  assertEquals(up.changes[0], { setting: "state", before: ["down"], after: ["up"] });
  assertEquals(up.changes[1], { setting: "session", before: [], after: [`process ${Deno.pid}`] });
  adapter.close();
  assertEquals((await watching.next()).adapter.state, "down");
  await machine.run("delete", "lab");
  const removed = await watching.next();
  assertEquals([removed.event, removed.adapter.mtu], ["removed", 1400]);
  assertEquals(await watching.stop(), [{ schema: 1, event: "stopped", reason: "signal" }]);
});

machineTest(
  "watch begins with what is there, and looks at the machine only when it is notified",
  async (machine) => {
    await machine.run("create", "one");
    const { watching, ready } = await Watching.start(machine.host);
    assertEquals(ready.adapters.map(({ name }: { name: string }) => name), ["one"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assertEquals(watching.lists, 1);
    await machine.run("set", "one", "--mtu", "1400");
    await watching.next();
    assertEquals(watching.lists, 2);
    // Nothing changes, so nobody is notified.
    await machine.run("set", "one", "--mtu", "1400");
    await new Promise((resolve) => setTimeout(resolve, 300));
    assertEquals(watching.lists, 2);
    assertEquals((await watching.stop()).length, 1);
  },
);

machineTest("watch writes the time, the name and the change for people", async (machine) => {
  await machine.run("create", "lab", "--mtu", "1400");
  const watching = await Watching.startText(machine.host);
  await machine.run("set", "lab", "--address", "10.77.0.1/24");
  await watching.environment.stdout.written(/10\.77/);
  await machine.run("delete", "lab");
  await watching.environment.stdout.written(/removed/);
  await watching[Symbol.asyncDispose]();
  const [first, second, third, ...more] = watching.environment.stdout.lines;
  assertMatch(first, /^\d\d:\d\d:\d\d lab: down, no address, MTU 1400, keeper \(process \d+\)$/);
  assertMatch(second, /^\d\d:\d\d:\d\d lab: address from none to 10\.77\.0\.1\/24$/);
  assertMatch(third, /^\d\d:\d\d:\d\d lab: removed$/);
  assertEquals(more, []);
});

machineTest("watch with names waits for adapters that come, and ignores others", async (machine) => {
  const { watching, ready } = await Watching.start(machine.host, "LAB", "other");
  assertEquals(ready.adapters, []);
  await machine.run("create", "noise");
  await machine.run("create", "lab");
  assertEquals((await watching.next()).adapter.name, "lab");
  await machine.run("delete", "noise");
  await machine.run("delete", "lab");
  assertEquals((await watching.next()).event, "removed");
  assertEquals((await watching.stop()).length, 1);
});

machineTest("watch follows an adapter that is renamed, until it is gone", async (machine) => {
  await machine.run("create", "lab");
  let name = "lab";
  const renamed = viewOf(machine.host, {
    list: async () => (await machine.host.list()).map((info) => ({ ...info, name })),
  });
  const { watching } = await Watching.start(renamed, "lab");
  name = "office";
  await machine.run("set", "lab", "--mtu", "1400");
  const { changes, adapter } = await watching.next();
  assertEquals(changes[0], { setting: "name", before: ["lab"], after: ["office"] });
  assertEquals(adapter.name, "office");
  await machine.run("delete", "lab");
  assertEquals((await watching.next()).event, "removed");
  await machine.run("create", "lab");
  await watching.stop();
  assertEquals(watching.environment.stdout.objects.length, 4, "the new one is called office, too");
});

machineTest("watch ends after --count events and after --duration, with exit code 0", async (machine) => {
  const { watching } = await Watching.start(machine.host, "--count", "2");
  await machine.run("create", "one");
  await watching.next();
  await machine.run("create", "two");
  await watching.next();
  assertEquals((await watching.next()).reason, "count");
  assertEquals(await watching.code, 0);
  const { watching: short } = await Watching.start(machine.host, "--duration", "0.05");
  assertEquals([(await short.next()).reason, await short.code], ["duration", 0]);
});

machineTest("watch ends when the reader of its output has gone", async (machine) => {
  const watching = await Watching.startText(machine.host);
  watching.environment.stdout.isClosed = true;
  await machine.run("create", "lab");
  assertEquals(await watching.code, 0);
  assertStringIncludes(watching.environment.stderr.text, "The reader of the output closed it");
});

machineTest("watch skips what a slow reader cannot take, and reports the last change", async (machine) => {
  await machine.run("create", "lab");
  const { watching } = await Watching.start(machine.host);
  const { stdout } = watching.environment;
  const write = Promise.withResolvers<void>();
  const writeLater = stdout.writeLater.bind(stdout);
  stdout.writeLater = async (text) => {
    await write.promise;
    await writeLater(text);
  };
  // Each event has the list before and after, so a few fill the queue.
  const names = Array.from({ length: 2000 }, (_, index) => `${index}.${"x".repeat(50)}.example`);
  const { luid } = (await machine.host.find("lab"))!;
  const rounds = 12;
  for (let round = 0; round < rounds; round++) {
    await machine.host.configure(luid, { dnsSearch: names.map((name) => `${round}.${name}`) });
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  assert(watching.lists < rounds, `${watching.lists} lists`);
  await machine.run("set", "lab", "--address", "10.77.0.1/24");
  write.resolve();
  for (;;) {
    const { adapter } = await watching.next();
    if (adapter.addresses[0] === "10.77.0.1/24") break;
  }
  await watching.stop();
});

machineTest("watch fails if the machine refuses to notify", async (machine) => {
  const environment = new FakeEnvironment();
  environment.host = () =>
    viewOf(machine.host, {
      // deno-lint-ignore require-yield
      async *changes(): AsyncGenerator<void> {
        throw new Error("no notices");
      },
    });
  assertEquals(await main(["watch"], environment), 1);
  assertStringIncludes(environment.stderr.text, "no notices");
});

machineTest(
  "list --wait waits for a state of every adapter that is named, and prints them",
  async (machine) => {
    await machine.run("create", "lab");
    const environment = new FakeEnvironment();
    environment.host = () => viewOf(machine.host);
    const code = main(["list", "lab", "late", "--wait", "up", "--json"], environment);
    const lab = await machine.host.open("lab");
    lab.openSession(0x20000);
    const late = await machine.host.create({ name: "late", type: "T" });
    await machine.host.configure(late.info.luid, { addresses: [parseCidr("10.77.0.1/24")] });
    assertEquals(environment.stdout.text, "");
    late.openSession(0x20000);
    assertEquals(await code, 0);
    const [{ adapters }] = environment.stdout.objects;
    assertEquals(
      adapters.map(({ name, state, category }: Record<string, string>) => [name, state, category]),
      [["lab", "up", "public"], ["late", "up", "public"]],
    );
    late.close();
    lab.close();
    assertEquals(await machine.run("list", "late", "--wait", "absent", "--timeout", "5"), 0);
  },
);

machineTest(
  "list --wait ends with 9 after the timeout, and says which adapter has which state",
  async (machine) => {
    await machine.run("create", "lab");
    assertEquals(await machine.run("list", "lab", "late", "--wait", "up", "--timeout", "0.05"), 9);
    assertStringIncludes(machine.environment.stderr.text, '"lab" is down, "late" is absent');
  },
);

machineTest("list --wait needs names and a state, and --timeout needs it", async (machine) => {
  assertEquals(await machine.run("list", "--wait", "up"), 2);
  assertEquals(await machine.run("list", "lab", "--wait", "open"), 2);
  assertEquals(await machine.run("list", "lab", "--timeout", "1"), 2);
});

machineTest(
  "list names the states that --wait takes, and says of a name that it is gone",
  async (machine) => {
    await machine.run("create", "lab");
    assertEquals(await machine.run("list", "lab", "--wait", "gone"), 2);
    assertStringIncludes(machine.environment.stderr.text, "foreign, absent.");
    assertEquals(await machine.run("list", "nosuch", "--wait", "absent"), 0);
    assertEquals(machine.environment.stderr.text, "There are no such adapters.\n");
  },
);

Deno.test("list --wait absent does not wait for a device that is left of an adapter, and waits for all else", async () => {
  const machine = new ChosenMachine();
  const wait = (): Promise<number> =>
    machine.run("list", "lab", "--wait", "absent", "--timeout", "0.05", "--json");
  await machine.run("simulate", "orphaned", "lab");
  assertEquals(await wait(), 0);
  assertEquals(machine.environment.stdout.objects[0].adapters, []);
  assertEquals(await machine.run("list", "lab", "--wait", "orphaned", "--timeout", "0.05"), 0);
  for (const state of ["lost", "stopped", "starting", "legacy"]) {
    await machine.run("simulate", state, "lab");
    assertEquals(await wait(), 9, state);
    assertStringIncludes(machine.environment.stderr.text, `\\"lab\\" is ${state}`);
  }
});

machineTest("an interrupt ends list --wait with 130", async (machine) => {
  const environment = new FakeEnvironment();
  environment.host = () => viewOf(machine.host);
  const code = main(["list", "lab", "--wait", "up"], environment);
  while (!environment.hasSignalHandlers) await new Promise((resolve) => setTimeout(resolve, 1));
  environment.signal("SIGINT");
  assertEquals(await code, 130);
});
