/** What `create` does with the service that holds its adapter. */

import { ChosenMachine } from "../chosen_machine.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { AdapterInfo } from "../../../src/tun/adapter_info.ts";
import { HostError } from "../../../src/tun/host_error.ts";
import type { AdapterOrder } from "../../../src/tun/adapter_order.ts";
import type { SimulatedHost } from "../../../src/tun/simulated/host.ts";
import { viewOf } from "../host_view.ts";
import { type Machine, machineTest, other } from "../machine.ts";

const OWNER = { pid: 4711, ours: true, role: "keeper" } as const;
const STOPPED: Partial<AdapterInfo> = {
  name: "lab",
  type: "T",
  state: "stopped",
  luid: 0n,
  persistent: true,
  service: "wintun$deadbabe-cafe-beef-0123-456789abcdef",
  owner: { ours: true, role: "keeper" },
  end: { exitCode: 6, reason: "wintun.dll is missing" },
};

const timeout = (): HostError => new HostError("timeout", "Cannot create", "too slow");

/** Returns the order that `create` gives its service. */
async function orderOf(machine: Machine, ...args: string[]): Promise<AdapterOrder> {
  const orders: AdapterOrder[] = [];
  const running = machine.run("create", "lab", ...args);
  machine.environment.startKeeper = (order) => {
    orders.push(order);
    return Promise.reject(timeout());
  };
  await running;
  return orders[0];
}

Deno.test("create --if-not-exists --dry-run shows which settings a stopped adapter would not get at its start", async () => {
  const machine = new ChosenMachine();
  await machine.run("create", "lab", "--persistent", "--mtu", "1400");
  await machine.run("simulate", "stopped", "lab");
  const plan = ["create", "lab", "--if-not-exists", "--dry-run", "--mtu"];
  assertEquals(await machine.run(...plan, "1500", "--json"), 0);
  assertEquals(machine.environment.stdout.objects[0].changes, [
    { setting: "mtu", before: ["1400"], after: ["1500"] },
  ]);
  assertEquals(await machine.run(...plan, "1400"), 0);
  assertEquals(machine.environment.stdout.lines, ["lab: stopped (exists already; would start its service)"]);
});

machineTest("create that Ctrl-C interrupts while its service starts is 130", async (machine) => {
  const running = machine.run("create", "lab");
  machine.environment.startKeeper = (_, { interrupted }) => {
    machine.environment.signal("SIGINT");
    assertEquals(interrupted?.aborted, true);
    return Promise.reject(new HostError("failed", "Cannot create", "interrupted"));
  };
  assertEquals(await running, 130);
  assertStringIncludes(machine.environment.stderr.text, "It was removed.");
});

machineTest("create whose service is not ready in time is 9", async (machine) => {
  const running = machine.run("create", "lab");
  machine.environment.startKeeper = () => Promise.reject(timeout());
  assertEquals(await running, 9);
});

for (const [args, ms] of [[[], 120_000], [["--timeout", "2.5"], 2500]] as const) {
  machineTest(`${["create", ...args].join(" ")} gives its service ${ms} ms`, async (machine) => {
    const given: number[] = [];
    const running = machine.run("create", "lab", ...args);
    machine.environment.startKeeper = (_, { timeoutMs }) => {
      given.push(timeoutMs);
      return Promise.reject(timeout());
    };
    await running;
    assertEquals(given, [ms]);
  });
}

machineTest("create orders a persistent adapter with --persistent only", async (machine) => {
  assertEquals((await orderOf(machine)).request.persistent, undefined);
  assertEquals((await orderOf(machine, "--persistent")).request.persistent, true);
});

machineTest("create --persistent is shown in list, and what it did not make is not", async (machine) => {
  assertEquals((await machine.ask("create", "lab", "--persistent")).adapter.persistent, true);
  assertEquals((await machine.ask("create", "lan")).adapter.persistent, false);
  await machine.run("list");
  const [, lab, lan] = machine.environment.stdout.lines;
  assertEquals([/ persistent keeper \(/.test(lab), / keeper \(/.test(lan), /persistent/.test(lan)], [
    true,
    true,
    false,
  ]);
});

machineTest("create --persistent and --foreground exclude each other", async (machine) => {
  assertEquals(await machine.run("create", "lab", "--persistent", "--foreground"), 2);
  assertEquals(await machine.host.list(), []);
});

machineTest("create --dry-run shows the settings that the adapter would get", async (machine) => {
  await machine.run(
    "create",
    "lab",
    "--dry-run",
    "--address",
    "10.7.0.1/24",
    "--mtu",
    "1400",
    "--metric",
    "default",
  );
  assertMatch(
    machine.environment.stdout.text,
    /with GUID [0-9a-f-]{36}, MTU 1400, address 10\.7\.0\.1\/24\.\n$/,
  );
});

machineTest("create --dry-run --persistent says that the adapter would be persistent", async (machine) => {
  await machine.run("create", "lab", "--persistent", "--dry-run");
  assertStringIncludes(machine.environment.stdout.text, 'Would create persistent adapter "lab"');
});

machineTest(
  "create --persistent --if-not-exists warns of an adapter that is not persistent, and stays 0",
  async (machine) => {
    await machine.run("create", "lab");
    assertEquals(await machine.run("create", "lab", "--persistent", "--if-not-exists"), 0);
    assertStringIncludes(machine.environment.stderr.text, "is not persistent; --persistent has no effect");
    assertEquals(await machine.run("delete", "lab"), 0);
    await machine.run("create", "lab", "--persistent");
    for (const args of [[], ["--persistent"]]) {
      assertEquals((await machine.ask("create", "lab", "--if-not-exists", ...args)).changed, false);
    }
  },
);

/** Runs `create --if-not-exists` on an adapter whose service does not run, or starts. */
async function resume(machine: Machine, changes: Partial<AdapterInfo>, ...args: string[]): Promise<number> {
  machine.others = [other({ ...STOPPED, ...changes })];
  const running = machine.run("create", "lab", "--if-not-exists", "--json", ...args);
  const { environment } = machine;
  const resumeKeeper = environment.resumeKeeper.bind(environment);
  environment.resumeKeeper = (info, options) => {
    machine.others = [];
    return resumeKeeper(info, options);
  };
  return await running;
}

machineTest(
  "create --if-not-exists starts the service of a stopped adapter, and applies the settings",
  async (machine) => {
    assertEquals(await resume(machine, {}, "--mtu", "1400"), 0);
    const { stdout, resumed } = machine.environment;
    const { changed, created, changes, adapter } = stdout.objects[0];
    assertEquals([resumed, changed, created, adapter.mtu], [["lab"], true, false, 1400]);
    assertEquals(changes.length, 1);
  },
);

machineTest(
  "create --if-not-exists says that a stopped adapter was started, if its settings are then refused",
  async (machine) => {
    assertEquals(await machine.run("create", "other", "--address", "10.9.9.9/24"), 0);
    assertEquals(await resume(machine, {}, "--address", "10.9.9.9/24"), 1);
    const { stderr, resumed } = machine.environment;
    assertEquals(resumed, ["lab"]);
    const [{ warning }, { error }] = stderr.objects;
    assertEquals(warning.message, 'Adapter "lab" was started before this failed, and stays.');
    assertStringIncludes(error.message, "has the address 10.9.9.9/24");
  },
);

machineTest(
  "create --if-not-exists of a stopped adapter has changed something even if no setting has",
  async (machine) => {
    assertEquals(await resume(machine, {}), 0);
    const { changed, changes } = machine.environment.stdout.objects[0];
    assertEquals([changed, changes], [true, []]);
  },
);

machineTest("create --if-not-exists waits for an adapter that is starting", async (machine) => {
  assertEquals(await resume(machine, { state: "starting", owner: OWNER }), 0);
  const { stdout, resumed } = machine.environment;
  assertEquals([resumed, stdout.objects[0].changed], [["lab"], false]);
});

machineTest(
  "create --if-not-exists --dry-run of a stopped adapter starts nothing, and says what it would",
  async (machine) => {
    machine.others = [other(STOPPED)];
    const { changed, created } = await machine.ask("create", "lab", "--if-not-exists", "--dry-run");
    assertEquals([changed, created, machine.environment.resumed], [true, false, []]);
  },
);

machineTest("create that Ctrl-C interrupts while it waits for a service is 130", async (machine) => {
  machine.others = [other(STOPPED)];
  const running = machine.run("create", "lab", "--if-not-exists");
  machine.environment.resumeKeeper = () => {
    machine.environment.signal("SIGINT");
    return Promise.reject(new HostError("failed", "Cannot create", "interrupted"));
  };
  assertEquals(await running, 130);
});

machineTest("create warns of what its service could not do", async (machine) => {
  const warning = "IPv6 is off on this machine.";
  const { host } = machine;
  const startKeeper: SimulatedHost["startKeeper"] = async (order) => {
    const { info, configured } = await host.startKeeper(order);
    return { info, configured: { ...configured, warnings: [warning] } };
  };
  Object.defineProperty(machine, "host", { value: viewOf(host, { startKeeper }) });
  assertEquals(await machine.run("create", "lab", "--address", "10.6.7.7/24"), 0);
  assertStringIncludes(machine.environment.stderr.text, `warning: ${warning}`);
});

for (const state of ["lost", "orphaned", "legacy", "foreign"] as const) {
  machineTest(`create --if-not-exists does not make do with an adapter that is ${state}`, async (machine) => {
    machine.others = [other({ name: "lab", state })];
    assertEquals((await machine.ask("create", "lab", "--if-not-exists")).created, true);
  });
}

machineTest("list says of a stopped adapter why its service does not run", async (machine) => {
  machine.others = [other(STOPPED)];
  await machine.run("list");
  assertStringIncludes(
    machine.environment.stdout.text,
    "persistent keeper, does not run: wintun.dll is missing",
  );
  const [shown] = (await machine.ask("list")).adapters;
  assertEquals(
    [shown.state, shown.persistent, shown.service, shown.exitCode, shown.reason, shown.owner],
    ["stopped", true, STOPPED.service, 6, "wintun.dll is missing", { pid: null, ours: true, role: "keeper" }],
  );
});

machineTest("a stopped adapter is not said to have no address and MTU 0", async (machine) => {
  machine.others = [other(STOPPED)];
  assertEquals(await machine.run("create", "lab", "--if-not-exists", "--dry-run"), 0);
  const expected = "lab: stopped (exists already; would start its service)\n";
  assertEquals(machine.environment.stdout.text, expected);
});

machineTest("list shows an adapter whose service has no process yet", async (machine) => {
  const { end: _, ...starting } = STOPPED;
  machine.others = [other({ ...starting, state: "starting" })];
  assertEquals(await machine.run("list"), 0);
  assertMatch(machine.environment.stdout.text, / persistent keeper$/m);
});

machineTest("set on a stopped adapter changes its order, and says when it counts", async (machine) => {
  machine.others = [other(STOPPED)];
  assertEquals(await machine.run("set", "lab", "--mtu", "1400", "--json"), 0);
  const { changed, adapter } = machine.environment.stdout.objects[0];
  assertEquals([machine.configured, changed, adapter.state], [["lab"], true, "stopped"]);
  assertEquals(await machine.run("set", "lab", "--mtu", "1400"), 0);
  assertStringIncludes(machine.environment.stderr.text, "when its service starts");
});

machineTest(
  "serve of an adapter that is stopped or starting is 4, and makes none beside it",
  async (machine) => {
    for (const state of ["stopped", "starting"] as const) {
      machine.others = [other({ ...STOPPED, state })];
      for (const args of [[], ["--address", "10.6.7.7/24"]]) {
        assertEquals(await machine.run("serve", "lab", ...args), 4);
        assertStringIncludes(machine.environment.stderr.text, `it is ${state}`);
      }
    }
    assertEquals(await machine.host.list(), []);
  },
);
