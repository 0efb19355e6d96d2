import { assertEquals, assertMatch } from "@std/assert";
import { launchKeeper } from "../../../src/keeper/launch.ts";
import { HostError } from "../../../src/tun/host_error.ts";
import { Machine, machineTest, other } from "../machine.ts";

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
      launchKeeper(order, options, undefined, { path: "/nowhere/wintun", args: [] });
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
