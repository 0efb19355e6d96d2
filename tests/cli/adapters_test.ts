import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { launchKeeper } from "../../src/keeper/launch.ts";
import { main } from "../../src/main.ts";
import type { AdapterInfo, Host } from "../../src/tun/host.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { SimulatedHost } from "../../src/tun/simulated_host.ts";
import { FakeEnvironment } from "./fake_environment.ts";

/** A machine that stays between the commands of a test, as a real one does. */
class Machine {
  readonly host = new SimulatedHost();
  /** What `list` shows besides, and `find` finds: adapters as other programs make them. */
  others: AdapterInfo[] = [];
  readonly removed: string[] = [];
  environment = new FakeEnvironment();

  async run(...args: string[]): Promise<number> {
    this.environment = new FakeEnvironment();
    this.environment.host = () => this.#view();
    const code = await main(args, this.environment);
    assert(!this.environment.hasSignalHandlers, "signals are no longer listened for");
    return code;
  }

  // deno-lint-ignore no-explicit-any
  async ask(...args: string[]): Promise<any> {
    const code = await this.run(...args, "--json");
    assertEquals([code, this.environment.stderr.text], [0, ""]);
    const [object, ...more] = this.environment.stdout.objects;
    assertEquals(more, []);
    return object;
  }

  /** The host as one command has it: closing it leaves the machine as it is. */
  #view(): Host {
    const { host } = this;
    return {
      list: async () => [...await host.list(), ...this.others],
      find: async (name) => await host.find(name) ?? this.others.find((info) => info.name === name),
      check: (request) => host.check(request),
      create: (request) => host.create(request),
      open: (name) => host.open(name),
      configure: (luid, settings) => host.configure(luid, settings),
      stop: (info, timeoutMs) => host.stop(info, timeoutMs),
      remove: (info) => {
        this.removed.push(info.name);
        this.others = this.others.filter(({ name }) => name !== info.name);
        return Promise.resolve();
      },
      driverVersion: () => host.driverVersion(),
      removeDriver: () => host.removeDriver(),
      examine: () => host.examine(),
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }
}

function machineTest(name: string, body: (machine: Machine) => Promise<void>): void {
  Deno.test(name, async () => {
    const machine = new Machine();
    await body(machine);
    await machine.host.close();
  });
}

const other = (changes: Partial<AdapterInfo>): AdapterInfo => ({
  name: "wg0",
  type: "WireGuard",
  guid: "deadbabe-cafe-beef-0123-456789abcdef",
  luid: 1n,
  ifIndex: 9,
  instanceId: "SWD\\Wintun\\{DEADBABE-CAFE-BEEF-0123-456789ABCDEF}",
  state: "up",
  mtu: 1420,
  metric: 5,
  addresses: [],
  ...changes,
});

machineTest("create, list, set and delete tell programs what they did", async (machine) => {
  const created = await machine.ask("create", "lab", "--address", "10.6.7.7/24", "--type", "T");
  const { adapter } = created;
  assertEquals(
    { ...created, adapter: null },
    { schema: 1, changed: true, created: true, requestedGuid: adapter.guid, log: null, adapter: null },
  );
  assertEquals(Object.keys(adapter), [
    ...[
      "name",
      "type",
      "guid",
      "luid",
      "ifIndex",
      "instanceId",
      "state",
      "mtu",
      "metric",
      "addresses",
      "owner",
    ],
  ]);
  assertMatch(adapter.luid, /^\d+$/);
  assertEquals(await machine.ask("list"), { schema: 1, adapters: [adapter] });
  assertEquals(await machine.ask("list", "LAB"), { schema: 1, adapters: [adapter] });
  const changed = await machine.ask("set", "lab", "--mtu", "1400");
  assertEquals([changed.changed, changed.adapter.mtu], [true, 1400]);
  assertEquals((await machine.ask("set", "lab", "--mtu", "1400")).changed, false);
  assertEquals(await machine.ask("delete", "lab"), {
    schema: 1,
    changed: true,
    deleted: [{ name: "lab", guid: adapter.guid }],
    missing: [],
  });
  assertEquals(await machine.ask("list"), { schema: 1, adapters: [] });
});

machineTest("create, list, set and delete tell people what they did", async (machine) => {
  assertEquals(await machine.run("create", "lab", "--address", "10.6.7.7/24"), 0);
  assertEquals(machine.environment.stdout.text, "lab: 10.6.7.7/24, MTU 65535 (created)\n");
  assertEquals(await machine.run("list"), 0);
  const [heading, line] = machine.environment.stdout.lines;
  assertMatch(heading, /^NAME +STATE +TYPE +MTU +ADDRESSES +OWNER$/);
  assertMatch(line, /^lab +down +Wintun +65535 +10\.6\.7\.7\/24 +keeper \(process \d+\)$/);
  assertEquals(await machine.run("set", "lab", "--mtu", "1400"), 0);
  assertEquals(machine.environment.stdout.text, "lab: 10.6.7.7/24, MTU 1400 (changed)\n");
  assertEquals(await machine.run("delete", "lab"), 0);
  assertEquals(machine.environment.stdout.text, "lab (deleted)\n");
  assertEquals(await machine.run("list"), 0);
  assertEquals([machine.environment.stdout.text, machine.environment.stderr.text], [
    "",
    "There are no Wintun adapters.\n",
  ]);
});

machineTest("create of a taken name is 5, and with --if-not-exists 0", async (machine) => {
  await machine.run("create", "lab");
  assertEquals(await machine.run("create", "lab"), 5);
  const again = await machine.ask("create", "Lab", "--if-not-exists", "--mtu", "1400");
  assertEquals([again.changed, again.created, again.adapter.mtu], [true, false, 1400]);
  const third = await machine.ask("create", "lab", "--if-not-exists", "--mtu", "1400");
  assertEquals([third.changed, third.created], [false, false]);
});

machineTest("create --if-not-exists says what it could not bring in line", async (machine) => {
  await machine.run("create", "lab");
  const args = ["--type", "Other", "--guid", "deadbabe-cafe-beef-0123-456789abcdef"];
  assertEquals(await machine.run("create", "lab", "--if-not-exists", ...args), 0);
  assertMatch(machine.environment.stderr.text, /--guid .* has no effect[^]*--type "Other" has no effect/);
});

machineTest(
  "create takes an adapter that another process made meanwhile, with --if-not-exists only",
  async (machine) => {
    const check = machine.host.check.bind(machine.host);
    for (const [flags, code] of [[["--if-not-exists"], 0], [[], 5]] as const) {
      machine.host.check = async (request) => {
        machine.host.check = check;
        await machine.host.create({ ...request, role: "keeper" });
        throw new HostError("exists", "Cannot create", "taken");
      };
      assertEquals(await machine.run("create", "lab", ...flags), code);
      await machine.run("delete", "lab");
    }
  },
);

machineTest("create --dry-run makes nothing", async (machine) => {
  const plan = await machine.ask("create", "lab", "--dry-run");
  assertEquals([plan.dryRun, plan.changed], [true, true]);
  assertEquals((await machine.ask("list")).adapters, []);
  assertEquals((await machine.ask("create", "lab")).requestedGuid, plan.requestedGuid);
  assertEquals((await machine.ask("create", "lab", "--if-not-exists", "--dry-run")).changed, false);
  assertEquals(await machine.run("create", "lab", "--dry-run"), 5);
});

machineTest("create cleans up after a keeper that was not ready in time, and says 9", async (machine) => {
  const running = machine.run("create", "lab", "--timeout", "1");
  machine.environment.startKeeper = ({ request }) => {
    const owner = { pid: 4711, ours: true, role: "keeper" } as const;
    machine.others = [other({ name: request.guid, state: "stale", owner })];
    return Promise.reject(new HostError("timeout", "Cannot create", "too slow"));
  };
  assertEquals(await running, 9);
  assertEquals([machine.removed.length, machine.environment.cleanedUp.length], [1, 1]);
});

for (const flags of [[], ["--foreground"]]) {
  const line = ["create", "lab", ...flags];
  machineTest(`${line.join(" ")} that Ctrl-C meets before it creates anything is 130`, async (machine) => {
    const check = machine.host.check.bind(machine.host);
    machine.host.check = (request) => {
      machine.environment.signal("SIGINT");
      return check(request);
    };
    const running = machine.run(...line, "--json");
    machine.environment.startKeeper = (order, options) =>
      launchKeeper(order, options, { path: "/nowhere/wintun", args: [] });
    assertEquals([await running, machine.environment.stdout.text], [130, ""]);
    assertMatch(
      machine.environment.stderr.objects[0].error.message,
      /^Interrupted before the adapter was ready/,
    );
    assertEquals(await machine.host.list(), []);
  });
}

machineTest("create --foreground that Ctrl-C meets before it is ready is 130", async (machine) => {
  const configure = machine.host.configure.bind(machine.host);
  machine.host.configure = (luid, settings) => {
    machine.environment.signal("SIGINT");
    return configure(luid, settings);
  };
  assertEquals(await machine.run("create", "lab", "--foreground"), 130);
  assertEquals([machine.environment.stdout.text, await machine.host.list()], ["", []]);
});

machineTest("create --foreground holds until it is deleted", async (machine) => {
  const holder = new Machine();
  Object.defineProperty(holder, "host", { value: machine.host });
  const holding = holder.run("create", "lab", "--foreground");
  await holder.environment.stdout.written(/created/);
  assertEquals(await machine.run("delete", "lab"), 0);
  assertEquals(await holding, 0);
});

machineTest("create --foreground lets go with Ctrl-C", async (machine) => {
  const holding = machine.run("create", "lab", "--foreground");
  await machine.environment.stdout.written(/created/);
  machine.environment.signal("SIGINT");
  assertEquals(await holding, 0);
  assertEquals(await machine.host.list(), []);
});

machineTest("delete of what is not there is 4, and with --ignore-missing 0", async (machine) => {
  assertEquals(await machine.run("delete", "nobody"), 4);
  const ignored = await machine.ask("delete", "nobody", "--ignore-missing");
  assertEquals([ignored.changed, ignored.missing], [false, ["nobody"]]);
});

machineTest("delete takes a GUID, with braces or without", async (machine) => {
  const { adapter } = await machine.ask("create", "lab");
  assertEquals(await machine.run("delete", `{${adapter.guid.toUpperCase()}}`), 0);
});

machineTest(
  "delete refuses another program's adapter, names its type, and removes it with --force",
  async (machine) => {
    machine.others = [other({})];
    assertEquals(await machine.run("delete", "wg0"), 1);
    assertStringIncludes(machine.environment.stderr.text, "WireGuard");
    assertEquals(await machine.run("delete", "wg0", "--force"), 0);
    assertEquals(machine.removed, ["wg0"]);
  },
);

machineTest("delete never touches what is none of Wintun's, not even with --force", async (machine) => {
  machine.others = [other({ name: "Ethernet", state: "foreign" })];
  assertEquals(await machine.run("delete", "Ethernet", "--force"), 2);
  assertEquals(machine.removed, []);
});

machineTest("delete of a stale adapter removes it and what its keeper left", async (machine) => {
  const owner = { pid: 4711, ours: true, role: "keeper" } as const;
  machine.others = [other({ name: "lab", state: "stale", owner })];
  assertEquals(await machine.run("list"), 0);
  assertStringIncludes(machine.environment.stdout.text, "process 4711, which has died");
  assertEquals(await machine.run("delete", "lab"), 0);
  assertEquals([machine.removed, machine.environment.cleanedUp], [["lab"], [other({}).guid]]);
});

machineTest("delete --all takes kept and stale adapters, and leaves the others", async (machine) => {
  await machine.run("create", "one");
  await machine.run("create", "two");
  using _serving = await machine.host.create({ name: "served", type: "T" });
  const owner = { pid: 4711, ours: true, role: "keeper" } as const;
  machine.others = [other({}), other({ name: "dead", state: "stale", owner })];
  const { deleted } = await machine.ask("delete", "--all");
  assertEquals(deleted.map(({ name }: { name: string }) => name), ["one", "two", "dead"]);
  assertEquals((await machine.ask("list")).adapters.map(({ name }: AdapterInfo) => name), ["served", "wg0"]);
});

machineTest("delete ends a serve that made its adapter itself, with 10", async (machine) => {
  const server = new Machine();
  Object.defineProperty(server, "host", { value: machine.host });
  const serving = server.run("serve", "lab", "--address", "10.6.7.7/24", "--json");
  await server.environment.stdout.written(/"ready"/);
  assertEquals(await machine.run("delete", "lab"), 0);
  assertEquals(await serving, 10);
});

machineTest("set needs something to set, and an adapter", async (machine) => {
  assertEquals(await machine.run("set", "lab"), 2);
  assertEquals(await machine.run("set", "lab", "--mtu", "1400"), 4);
  assertEquals(await machine.run("list", "nobody"), 4);
});

machineTest("routes with bits behind their prefix are refused, and told what was meant", async (machine) => {
  assertEquals(await machine.run("create", "lab", "--route", "10.6.7.7/24"), 2);
  assertStringIncludes(machine.environment.stderr.text, "10.6.7.0/24");
});

for (
  const args of [
    ["create"],
    ["create", "a", "b"],
    ["create", "a/b"],
    ["create", "lab", "--mtu", "1279", "--address", "fd00::1/64"],
    ["create", "lab", "--metric", "10000"],
    ["create", "lab", "--dns", "10.6.7.1/24"],
    ["delete"],
    ["delete", "--all", "lab"],
    ["driver"],
    ["driver", "dance"],
    ["doctor", "now"],
    ["list", "--simulate", "--dll", "wintun.dll"],
  ]
) {
  machineTest(`wintun ${args.join(" ")} is a usage error`, async (machine) => {
    assertEquals(await machine.run(...args), 2);
    assertEquals(machine.environment.stdout.text, "");
  });
}

machineTest(
  "driver status tells the version while an adapter is there; uninstall is refused then, with 8",
  async (machine) => {
    assertEquals(await machine.ask("driver", "status"), { schema: 1, loaded: false, version: null });
    assertEquals(await machine.ask("driver", "uninstall"), { schema: 1, changed: true });
    await machine.run("create", "lab");
    assertEquals(await machine.ask("driver", "status"), { schema: 1, loaded: true, version: "0.14" });
    assertEquals(await machine.run("driver", "uninstall"), 8);
  },
);

machineTest("doctor is 0 while nothing failed, and 1 when something did", async (machine) => {
  const findings = [
    { check: "elevation", result: "warning", message: "Not elevated.", hint: "Elevate." },
    { check: "library", result: "ok", message: "Good.", hint: "" },
  ] as const;
  machine.host.examine = () => Promise.resolve([...findings]);
  assertEquals((await machine.ask("doctor")).findings, findings);
  machine.host.examine = () => Promise.resolve([...findings, { ...findings[0], result: "failed" }]);
  assertEquals(await machine.run("doctor"), 1);
  assertMatch(machine.environment.stdout.text, /^warning +Not elevated\.\n +Elevate\.\nok +Good\.\nfailed/);
});

Deno.test("commands can be tried with --simulate where there is no Wintun", async () => {
  const environment = new FakeEnvironment();
  assertEquals(await main(["create", "lab", "--simulate", "--address", "10.6.7.7/24"], environment), 0);
  assertStringIncludes(environment.stdout.text, "created");
  assertEquals(await main(["create", "lab"], new FakeEnvironment()), 7);
});

Deno.test("keeper is no command for people", async () => {
  const environment = new FakeEnvironment();
  await main(["help"], environment);
  assert(!environment.stdout.text.includes("keeper"));
});
