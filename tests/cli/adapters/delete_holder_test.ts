import { assertEquals } from "@std/assert";
import { HostError } from "../../../src/tun/host_error.ts";
import { machineTest, other } from "../machine.ts";

const KEEPER = { pid: 4711, ours: true, role: "keeper" } as const;

machineTest(
  "delete of an adapter that goes by itself meanwhile is 4, and with --ignore-missing 0",
  async (machine) => {
    machine.others = [other({ name: "lab", owner: KEEPER })];
    assertEquals(await machine.run("delete", "lab"), 4);
    const ignored = await machine.ask("delete", "lab", "--ignore-missing");
    assertEquals([ignored.changed, ignored.missing], [false, ["lab"]]);
  },
);

machineTest("delete --all of an adapter that goes by itself meanwhile is 0", async (machine) => {
  machine.others = [other({ name: "lab", owner: KEEPER })];
  const { changed, missing } = await machine.ask("delete", "--all");
  assertEquals([changed, missing], [false, []]);
});

machineTest("delete --all takes what a serve left that has died", async (machine) => {
  machine.others = [other({ name: "dead", state: "stale", owner: { ...KEEPER, role: "command" } })];
  assertEquals(await machine.run("delete", "--all"), 0);
  assertEquals(machine.removed, ["dead"]);
});

machineTest("delete ends the holder of a lost adapter, and deletes its log", async (machine) => {
  for (const args of [["lab"], ["--all"]]) {
    machine.others = [other({ name: "lab", state: "lost", owner: { ...KEEPER, role: "command" } })];
    const stopped: string[] = [];
    machine.host.stop = ({ name }) => Promise.resolve(void stopped.push(name));
    assertEquals(await machine.run("delete", ...args), 0);
    assertEquals([stopped, machine.environment.cleanedUp], [["lab"], [machine.others[0].guid]]);
  }
});

for (const [args, ms] of [[[], 30_000], [["--timeout", "2.5"], 2500]] as const) {
  machineTest(`${["delete", ...args].join(" ")} gives the holder ${ms} ms`, async (machine) => {
    await machine.run("create", "lab");
    const given: number[] = [];
    machine.host.stop = (_, timeoutMs) => Promise.resolve(void given.push(timeoutMs));
    assertEquals(await machine.run("delete", "lab", ...args), 0);
    assertEquals(given, [ms]);
  });
}

for (const [flags, code, removed] of [[[], 9, []], [["--force"], 0, ["lab"]]] as const) {
  const line = ["delete", ...flags].join(" ");
  machineTest(`${line} of an adapter whose holder does not let go of it is ${code}`, async (machine) => {
    await machine.run("create", "lab");
    machine.host.stop = () => Promise.reject(new HostError("timeout", "Cannot delete", "it is held"));
    assertEquals(await machine.run("delete", "lab", ...flags), code);
    assertEquals(machine.removed, [...removed]);
  });
}

machineTest(
  "delete fails where its holder does, whatever --force and --ignore-missing make of other ends",
  async (machine) => {
    await machine.run("create", "lab");
    machine.host.stop = () => Promise.reject(new HostError("failed", "Cannot delete", "no"));
    assertEquals(await machine.run("delete", "lab", "--force", "--ignore-missing"), 1);
    assertEquals(machine.removed, []);
  },
);
