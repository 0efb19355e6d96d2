import { assert, assertEquals, assertMatch } from "@std/assert";
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
        await machine.host.startKeeper({ request, settings: {} });
        throw new HostError("exists", "Cannot create", "taken");
      };
      assertEquals(await machine.run("create", "lab", ...flags), code);
      await machine.run("delete", "lab");
    }
  },
);

machineTest("create --dry-run makes nothing", async (machine) => {
  const plan = await machine.ask("create", "lab", "--dry-run");
  assertEquals([plan.dryRun, plan.changed, plan.adapter], [true, true, null]);
  assertEquals((await machine.ask("list")).adapters, []);
  assertEquals((await machine.ask("create", "lab")).requestedGuid, plan.requestedGuid);
  assertEquals((await machine.ask("create", "lab", "--if-not-exists", "--dry-run")).changed, false);
  assertEquals(await machine.run("create", "lab", "--dry-run"), 5);
});

machineTest(
  "create of a name that an adapter of ours has names --if-not-exists as a way out",
  async (machine) => {
    await machine.run("create", "lab");
    assertEquals(await machine.run("create", "lab"), 5);
    assertMatch(machine.environment.stderr.text, /--if-not-exists/);
  },
);

machineTest(
  "create --if-not-exists refuses an adapter that does not stay, and says whose it is",
  async (machine) => {
    using _serving = await machine.host.create({ name: "served", type: "T" });
    assertEquals(await machine.run("create", "served", "--if-not-exists", "--mtu", "1400"), 5);
    assertMatch(
      machine.environment.stderr.text,
      new RegExp(`process ${Deno.pid} made the adapter .* for itself`),
    );
    assertEquals((await machine.host.find("served"))?.mtu, 65535);

    machine.others = [other({})];
    machine.host.check = () => Promise.reject(new HostError("exists", "Cannot create", "taken"));
    assertEquals(await machine.run("create", "wg0", "--if-not-exists", "--mtu", "1400"), 5);
    assertEquals(machine.configured, []);
  },
);

machineTest(
  "create --if-not-exists accepts our adapter that was renamed, and warns of its name, though another has the name",
  async (machine) => {
    const owner = { pid: 4711, ours: true, role: "keeper" } as const;
    const renamed = other({ name: "lab 1", createdAs: "lab", luid: 2n, owner });
    for (const others of [[renamed], [renamed, other({ name: "lab" })]]) {
      machine.others = others;
      assertEquals(await machine.run("create", "LAB", "--if-not-exists", "--mtu", "1400", "--json"), 0);
      const { stdout, stderr } = machine.environment;
      assertEquals(stdout.objects[0].adapter.name, "lab 1");
      assertEquals(
        stderr.objects[0].warning.message,
        'The adapter that was created as "lab" is called "lab 1" now.',
      );
    }
    assertEquals(machine.configured, ["lab 1", "lab 1"]);
  },
);

machineTest(
  "create --if-not-exists --dry-run shows which settings would change, and changes none",
  async (machine) => {
    await machine.run("create", "lab", "--mtu", "1300");
    const plan = await machine.ask("create", "lab", "--if-not-exists", "--dry-run", "--mtu", "1500");
    assertEquals([plan.changed, plan.created, plan.dryRun, plan.adapter.mtu], [true, false, true, 1300]);
    assertEquals(plan.changes, [{ setting: "mtu", before: ["1300"], after: ["1500"] }]);
    await machine.run("create", "lab", "--if-not-exists", "--dry-run", "--mtu", "1500");
    assertMatch(machine.environment.stdout.text, /would change MTU from 1300 to 1500/);
    assertEquals((await machine.host.find("lab"))?.mtu, 1300);
  },
);

machineTest(
  "create refuses an address that another interface has, and names it, with --dry-run too",
  async (machine) => {
    await machine.run("create", "one", "--address", "10.6.7.7/24");
    await machine.run("create", "two");
    for (const line of ["new --dry-run", "two --if-not-exists --dry-run", "two --if-not-exists"]) {
      assertEquals(await machine.run("create", ...line.split(" "), "--address", "10.6.7.7/16"), 1, line);
      assertMatch(
        machine.environment.stderr.text,
        /another interface, "one", has the address 10\.6\.7\.7\/16/,
      );
    }
    assertEquals((await machine.host.list()).map(({ name }) => name), ["one", "two"]);
  },
);

for (const flags of [[], ["--foreground"]]) {
  const line = ["create", "lab", ...flags];
  machineTest(`${line.join(" ")} that Ctrl-C meets before it creates anything is 130`, async (machine) => {
    const check = machine.host.check.bind(machine.host);
    machine.host.check = (request) => {
      machine.environment.signal("SIGINT");
      return check(request);
    };
    const running = machine.run(...line, "--json");
    machine.environment.startKeeper = (_, { interrupted }) => {
      assert(interrupted?.aborted);
      return Promise.reject(new HostError("failed", "Cannot create", "interrupted"));
    };
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

machineTest("create --foreground lets go when Windows is about to end it", async (machine) => {
  const holding = machine.run("create", "lab", "--foreground");
  await machine.environment.stdout.written(/created/);
  machine.environment.endConsole("logoff");
  assertEquals([await holding, await machine.host.list()], [0, []]);
});

machineTest(
  "create shows on a terminal for how long Windows has been at it, until it is ready",
  async (machine) => {
    const create = machine.host.create.bind(machine.host);
    machine.host.create = async (request) => {
      await new Promise((wake) => setTimeout(wake, 1100));
      return await create(request);
    };
    const holding = machine.run("create", "lab", "--foreground");
    const { environment } = machine;
    environment.stdout.isTerminal = true;
    await environment.stdout.written(/created/);
    environment.signal("SIGINT");
    assertEquals(await holding, 0);
    assertMatch(
      environment.stdout.text,
      /Creating adapter "lab": waiting for Windows, 1 s[^\n]*\r[^\n]*lab: .*\(created\)\n/,
    );
  },
);

machineTest("create --foreground lets go with Ctrl-C", async (machine) => {
  const holding = machine.run("create", "lab", "--foreground");
  await machine.environment.stdout.written(/created/);
  machine.environment.signal("SIGINT");
  assertEquals(await holding, 0);
  assertEquals(await machine.host.list(), []);
});
