import { assertEquals, assertStringIncludes } from "@std/assert";
import type { AdapterState, Host } from "../../../src/tun/host.ts";
import { HostError } from "../../../src/tun/host_error.ts";
import { viewOf } from "../host_view.ts";
import { type Machine, machineTest, other } from "../machine.ts";

const OWNER = { pid: 4711, ours: true, role: "keeper" } as const;

/** Runs `create` while its keeper fails, after which the adapter is in `state`. */
async function createWhileKeeperFails(
  machine: Machine,
  state: AdapterState,
  fail: () => HostError,
): Promise<number> {
  const running = machine.run("create", "lab");
  machine.environment.startKeeper = ({ request }) => {
    machine.others = [other({ name: request.guid, state, owner: OWNER })];
    return Promise.reject(fail());
  };
  return await running;
}

const timeout = (): HostError => new HostError("timeout", "Cannot create", "too slow");

machineTest(
  "create cleans up after a keeper that Ctrl-C ended before it was ready, and says 130",
  async (machine) => {
    const code = await createWhileKeeperFails(machine, "stale", () => {
      machine.environment.signal("SIGINT");
      return new HostError("failed", "Cannot create", "interrupted");
    });
    assertEquals([code, machine.removed.length, machine.environment.cleanedUp.length], [130, 1, 1]);
  },
);

for (const state of ["up", "down"] as const) {
  machineTest(`create leaves an adapter that is ${state}: another keeper was quicker`, async (machine) => {
    assertEquals(await createWhileKeeperFails(machine, state, timeout), 9);
    assertEquals([machine.removed, machine.environment.cleanedUp], [[], []]);
  });
}

machineTest("create leaves it to a keeper that failed to clean up", async (machine) => {
  const failed = (): HostError => new HostError("failed", "Cannot create", "no");
  assertEquals(await createWhileKeeperFails(machine, "stale", failed), 1);
  assertEquals([machine.removed, machine.environment.cleanedUp], [[], []]);
});

for (const [args, ms] of [[[], 120_000], [["--timeout", "2.5"], 2500]] as const) {
  machineTest(`${["create", ...args].join(" ")} gives its keeper ${ms} ms`, async (machine) => {
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

machineTest("create warns of what its keeper could not do", async (machine) => {
  const warning = "IPv6 is off on this machine.";
  const { host } = machine;
  const configure: Host["configure"] = async (...args) => ({
    ...await host.configure(...args),
    warnings: [warning],
  });
  Object.defineProperty(machine, "host", { value: viewOf(host, { configure }) });
  assertEquals(await machine.run("create", "lab", "--address", "10.6.7.7/24"), 0);
  assertStringIncludes(machine.environment.stderr.text, `warning: ${warning}`);
});

for (const args of [[], ["--json"]]) {
  machineTest(
    `${["create", ...args].join(" ")} warns of a keeper that ends with this session`,
    async (machine) => {
      const running = machine.run("create", "lab", ...args);
      machine.environment.keeperEndsWithJob = true;
      assertEquals(await running, 0);
      const { stdout, stderr } = machine.environment;
      assertStringIncludes(stderr.text, "will be removed when this session ends");
      assertStringIncludes(stderr.text, "scheduled task");
      assertStringIncludes(stdout.text, "lab");
    },
  );
}

machineTest("create does not warn of a keeper that outlives this session", async (machine) => {
  assertEquals(await machine.run("create", "lab"), 0);
  assertEquals(machine.environment.stderr.text, "");
});

for (const state of ["stale", "orphaned", "legacy", "foreign"] as const) {
  machineTest(`create --if-not-exists does not make do with an adapter that is ${state}`, async (machine) => {
    machine.others = [other({ name: "lab", state })];
    assertEquals((await machine.ask("create", "lab", "--if-not-exists")).created, true);
  });
}
