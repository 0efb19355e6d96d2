import { assert, assertEquals, assertMatch, assertStringIncludes, fail } from "@std/assert";
import { main } from "../validated_main.ts";
import { HostError } from "../../../src/tun/host_error.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { machineTest, other } from "../machine.ts";

machineTest("create, list, set and delete tell programs what they did", async (machine) => {
  const created = await machine.ask("create", "lab", "--address", "10.6.7.7/24", "--type", "T");
  const { adapter } = created;
  assertEquals(
    { ...created, adapter: null },
    {
      schema: 1,
      changed: true,
      created: true,
      dryRun: false,
      requestedGuid: adapter.guid,
      changes: [],
      removes: [],
      log: null,
      adapter: null,
    },
  );
  assertEquals(Object.keys(adapter), [
    ...[
      "name",
      "type",
      "guid",
      "luid",
      "ifIndex",
      "instanceId",
      "driverVersion",
      "state",
      "mtu",
      "metric",
      "addresses",
      "createdAs",
      "connected",
      "ipv4",
      "ipv6",
      "routes",
      "dns",
      "dnsSuffix",
      "dnsSearch",
      "dnsRegistration",
      "category",
      "givenCategory",
      "dnsFor",
      "traffic",
      "persistent",
      "service",
      "exitCode",
      "reason",
      "startSettings",
      "owner",
      "session",
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
  assertEquals(
    machine.environment.stdout.text,
    "lab: 10.6.7.7/24, MTU 1400 (changed MTU from 65535 to 1400)\n",
  );
  assertEquals(await machine.run("delete", "lab"), 0);
  assertEquals(machine.environment.stdout.text, "lab (deleted)\n");
  assertEquals(await machine.run("list"), 0);
  assertEquals([machine.environment.stdout.text, machine.environment.stderr.text], [
    "",
    "There are no Wintun adapters.\n",
  ]);
});

machineTest("set --dry-run says what would change, and changes nothing", async (machine) => {
  await machine.run("create", "lab", "--mtu", "1400");
  const args = ["set", "lab", "--mtu", "default", "--dns", "10.6.7.1", "--dry-run"];
  assertEquals(await machine.run(...args), 0);
  assertEquals(
    machine.environment.stdout.text,
    "lab: no address, MTU 1400 (would change MTU from 1400 to 65535, DNS from none to 10.6.7.1)\n",
  );
  const { changed, dryRun, changes, adapter } = await machine.ask(...args);
  assertEquals([changed, dryRun, changes.length, adapter.mtu, adapter.dns], [true, true, 2, 1400, []]);
  assertEquals((await machine.ask("set", "lab", "--mtu", "1400", "--dry-run")).changed, false);
});

machineTest("set needs something to set, and an adapter", async (machine) => {
  assertEquals(await machine.run("set", "lab"), 2);
  assertEquals(await machine.run("set", "lab", "--mtu", "1400"), 4);
  assertEquals(await machine.run("list", "nobody"), 4);
});

for (const state of ["starting", "lost", "orphaned", "legacy"] as const) {
  machineTest(`set refuses an adapter that is ${state}`, async (machine) => {
    machine.others = [other({ name: "Ethernet", state })];
    machine.host.configure = () => fail("it was configured");
    assertEquals(await machine.run("set", "Ethernet", "--mtu", "1400"), 4);
    assertStringIncludes(machine.environment.stderr.text, `it is ${state}`);
  });
}

machineTest("set refuses what is not Wintun's, with --force too", async (machine) => {
  machine.others = [other({ name: "Ethernet", state: "foreign" })];
  for (const force of [[], ["--force"]]) {
    assertEquals(await machine.run("set", "Ethernet", "--mtu", "1400", ...force), 1);
    assertStringIncludes(machine.environment.stderr.text, "but not a Wintun adapter");
  }
  assertEquals(machine.configured, []);
});

machineTest("set refuses the adapter of another program, until --force", async (machine) => {
  machine.others = [other({})];
  assertEquals(await machine.run("set", "wg0", "--mtu", "1400"), 1);
  assertStringIncludes(
    machine.environment.stderr.text,
    'another program made it, with tunnel type "WireGuard"',
  );
  assertEquals(machine.configured, []);
  assertEquals(await machine.run("set", "wg0", "--mtu", "1400", "--force"), 0);
  assertEquals(machine.configured, ["wg0"]);
});

machineTest("set gives programs each setting that changes, before and after", async (machine) => {
  await machine.run("create", "lab", "--address", "10.6.7.7/24", "--metric", "5");
  const { changes } = await machine.ask(
    "set",
    "lab",
    "--address",
    "10.6.8.7/24",
    "--mtu",
    "1400",
    "--metric",
    "5",
  );
  assertEquals(changes, [
    { setting: "mtu", before: ["65535"], after: ["1400"] },
    { setting: "address", before: ["10.6.7.7/24"], after: ["10.6.8.7/24"] },
  ]);
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
    assertEquals(await machine.ask("driver", "uninstall"), { schema: 1, changed: false });
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
  assertEquals((await machine.ask("doctor")).findings, [findings[0], { ...findings[1], hint: null }]);
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

machineTest("set ends with 130 on Ctrl-C while it waits for Windows", async (machine) => {
  await machine.run("create", "lab");
  machine.host.configure = () => {
    setTimeout(() => machine.environment.signal("SIGINT"));
    return new Promise(() => {});
  };
  assertEquals(await machine.run("set", "lab", "--mtu", "1400", "--json"), 130);
  const { stdout, stderr } = machine.environment;
  assertEquals([stdout.text, stderr.objects[0].error.message], [
    "",
    "Interrupted before the command was done.",
  ]);
});

machineTest("set that Windows keeps waiting is 9, which its help lists", async (machine) => {
  await machine.run("create", "lab");
  machine.host.configure = () => Promise.reject(new HostError("timeout", "Cannot configure", "no interface"));
  assertEquals(await machine.run("set", "lab", "--mtu", "1400"), 9);
  const { command } = await machine.ask("help", "set");
  assertEquals(command.exitCodes.map(({ code }: { code: number }) => code), [0, 1, 2, 3, 4, 5, 7, 9, 130]);
});
