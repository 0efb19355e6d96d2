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

for (const state of ["lost", "stopped"] as const) {
  machineTest(
    `delete ends the holder of an adapter that is ${state}, and deletes its log`,
    async (machine) => {
      for (const args of [["lab"], ["--all"]]) {
        const left = other({ name: "lab", state, owner: { ...KEEPER, role: "command" } });
        machine.others = [left];
        machine.host.stop = () => Promise.resolve();
        const { deleted } = await machine.ask("delete", ...args);
        assertEquals(deleted, [{ name: "lab", guid: left.guid }]);
        assertEquals(machine.environment.cleanedUp, [left.guid]);
      }
    },
  );
}

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
