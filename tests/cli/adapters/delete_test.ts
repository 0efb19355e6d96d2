import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { AdapterInfo } from "../../../src/tun/adapter_info.ts";
import { HostError } from "../../../src/tun/host_error.ts";
import { Machine, machineTest, other } from "../machine.ts";

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
  assertEquals(await machine.run("delete", "Ethernet", "--force"), 1);
  assertEquals(machine.removed, []);
});

machineTest(
  "delete deletes an adapter once, however often and in whatever way it is named",
  async (machine) => {
    const { adapter } = await machine.ask("create", "lab");
    const { deleted } = await machine.ask("delete", "lab", "LAB", `{${adapter.guid}}`);
    assertEquals(deleted, [{ name: "lab", guid: adapter.guid }]);
    const { missing } = await machine.ask("delete", "gone", "GONE", "--ignore-missing");
    assertEquals(missing, ["gone"]);
  },
);

machineTest("list shows an adapter once, however often it is named", async (machine) => {
  const { adapter } = await machine.ask("create", "lab");
  const { adapters } = await machine.ask("list", "lab", "LAB", adapter.guid);
  assertEquals(adapters.map(({ name }: AdapterInfo) => name), ["lab"]);
});

machineTest(
  "delete --all takes what list shows as owned by this program, and nothing else",
  async (machine) => {
    await machine.run("create", "one");
    const serving = await machine.host.create({ name: "served", type: "T" });
    serving.stopRequested.then(() => serving.close());
    const owner = { pid: 4711, ours: true, role: "keeper" } as const;
    machine.others = [other({}), other({ name: "stopped", state: "stopped", owner })];
    const { host } = machine;
    const stop = host.stop.bind(host);
    host.stop = (info, timeoutMs) => {
      const isListed = machine.others.some(({ name }) => name === info.name);
      machine.others = machine.others.filter(({ name }) => name !== info.name);
      return isListed ? Promise.resolve() : stop(info, timeoutMs);
    };
    await machine.run("list");
    const ownerOf = (name: string): string =>
      machine.environment.stdout.lines.find((line) => line.startsWith(name))!.split(/ {2,}/)[5];
    assertMatch(ownerOf("one"), /^keeper \(process \d+\)$/);
    assertMatch(ownerOf("served"), /^serve \(process \d+\)$/);
    assertEquals(ownerOf("wg0"), "another program");
    const { deleted } = await machine.ask("delete", "--all");
    assertEquals(deleted.map(({ name }: AdapterInfo) => name), ["one", "served", "stopped"]);
    assertEquals((await machine.ask("list")).adapters.map(({ name }: AdapterInfo) => name), ["wg0"]);
  },
);

for (const state of ["orphaned", "legacy"] as const) {
  machineTest(`delete refuses a device that is ${state}, and removes it with --force`, async (machine) => {
    machine.others = [other({ name: "left", state, luid: 0n })];
    assertEquals(await machine.run("delete", "left"), 1);
    assertStringIncludes(machine.environment.stderr.text, "--force");
    assertEquals(machine.removed, []);
    assertEquals(await machine.run("delete", "left", "--force"), 0);
    assertEquals(machine.removed, ["left"]);
  });
}

machineTest("delete ends a serve that made its adapter itself, with 10", async (machine) => {
  const server = new Machine();
  Object.defineProperty(server, "host", { value: machine.host });
  const serving = server.run("serve", "lab", "--address", "10.6.7.7/24", "--json");
  await server.environment.stdout.written(/"ready"/);
  assertEquals(await machine.run("delete", "lab"), 0);
  assertEquals(await serving, 10);
});

machineTest(
  "delete goes on with the others, tells what it did, and fails with the first reason",
  async (machine) => {
    for (const name of ["a", "slow", "b"]) await machine.run("create", name);
    const stop = machine.host.stop.bind(machine.host);
    machine.host.stop = (info, timeoutMs) =>
      info.name === "slow"
        ? Promise.reject(new HostError("timeout", "Cannot delete slow", "slow"))
        : stop(info, timeoutMs);
    assertEquals(await machine.run("delete", "a", "nosuch", "slow", "b"), 4);
    assertEquals(machine.environment.stdout.text, "a (deleted)\nb (deleted)\n");
    const { lines } = machine.environment.stderr;
    assertEquals(lines.length, 2);
    assertEquals(lines[0], "warning: Cannot delete slow: slow");
    assertMatch(lines[1], /^error: Cannot delete adapter "nosuch": there is no such adapter\./);
    assertEquals((await machine.host.list()).map(({ name }) => name), ["slow"]);
  },
);

machineTest("delete that fails for some gives programs the result and the error", async (machine) => {
  const { adapter } = await machine.ask("create", "a");
  assertEquals(await machine.run("delete", "nosuch", "a", "--json"), 4);
  const { stdout, stderr } = machine.environment;
  assertEquals(stdout.objects, [
    { schema: 1, changed: true, deleted: [{ name: "a", guid: adapter.guid }], missing: [] },
  ]);
  assertEquals(stderr.objects.map(({ error }) => error.exitCode), [4]);
});

machineTest("delete that fails for all gives programs the error only", async (machine) => {
  assertEquals(await machine.run("delete", "one", "two", "--json"), 4);
  const { stdout, stderr } = machine.environment;
  assertEquals([stdout.text, stderr.objects.map((object) => Object.keys(object)[1])], ["", [
    "warning",
    "error",
  ]]);
});

machineTest("delete --all goes on after a timeout", async (machine) => {
  for (const name of ["a", "b", "c"]) await machine.run("create", name);
  const stop = machine.host.stop.bind(machine.host);
  machine.host.stop = (info, timeoutMs) =>
    info.name === "a"
      ? Promise.reject(new HostError("timeout", "Cannot delete", "slow"))
      : stop(info, timeoutMs);
  assertEquals(await machine.run("delete", "--all"), 9);
  assertEquals(machine.environment.stdout.text, "b (deleted)\nc (deleted)\n");
});

machineTest(
  "delete that waits for a holder ends with 130 on Ctrl-C, and tells what it did before",
  async (machine) => {
    for (const name of ["a", "slow", "b"]) await machine.run("create", name);
    const stop = machine.host.stop.bind(machine.host);
    machine.host.stop = (info, timeoutMs) => {
      if (info.name !== "slow") return stop(info, timeoutMs);
      setTimeout(() => machine.environment.signal("SIGINT"));
      return new Promise(() => {});
    };
    assertEquals(await machine.run("delete", "nosuch", "a", "slow", "b", "--json"), 130);
    const { stdout, stderr } = machine.environment;
    assertEquals(stdout.objects[0].deleted.map(({ name }: AdapterInfo) => name), ["a"]);
    assertMatch(stderr.objects[0].warning.message, /nosuch/);
    assertEquals(stderr.objects[1].error.message, 'Interrupted before adapter "slow" was deleted.');
    assertEquals((await machine.host.list()).map(({ name }) => name), ["b", "slow"]);
  },
);
