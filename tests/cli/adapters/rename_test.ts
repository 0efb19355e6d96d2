/** `set --name` on a simulated machine. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { machineTest, other } from "../machine.ts";

machineTest("set --name renames an adapter, whose GUID and settings stay", async (machine) => {
  const { adapter } = await machine.ask("create", "lab", "--address", "10.77.0.1/24", "--mtu", "1400");
  const answer = await machine.ask("set", "lab", "--name", "office");
  assertEquals([answer.changed, answer.changes], [true, [
    { setting: "name", before: ["lab"], after: ["office"] },
  ]]);
  assertEquals(answer.adapter, { ...adapter, name: "office" });
  assertEquals((await machine.ask("list")).adapters, [answer.adapter]);
  assertEquals(await machine.run("list", "lab"), 4);
});

machineTest("set --name says in one line what changed, with other settings", async (machine) => {
  await machine.run("create", "lab");
  assertEquals(await machine.run("set", "lab", "--name", "office", "--mtu", "1400"), 0);
  assertEquals(
    machine.environment.stdout.text,
    "office: no address, MTU 1400 (changed name from lab to office, MTU from 65535 to 1400)\n",
  );
});

machineTest(
  "set --name changes nothing with the same name, and renames if only the case differs",
  async (machine) => {
    await machine.run("create", "lab");
    assertEquals((await machine.ask("set", "lab", "--name", "lab")).changed, false);
    assertEquals((await machine.ask("set", "lab", "--name", "Lab")).changed, true);
    assertEquals((await machine.ask("list", "LAB")).adapters[0].name, "Lab");
  },
);

machineTest("set --name --dry-run reports the change and makes none", async (machine) => {
  await machine.run("create", "lab");
  const { dryRun, changes, adapter } = await machine.ask("set", "lab", "--name", "office", "--dry-run");
  assertEquals([dryRun, changes.length, adapter.name], [true, 1, "lab"]);
  assertEquals((await machine.ask("list")).adapters[0].name, "lab");
});

machineTest("set --name refuses a name that another adapter has, and changes nothing", async (machine) => {
  await machine.run("create", "lab");
  await machine.run("create", "office");
  const before = await machine.ask("list");
  for (const more of [[], ["--dry-run"], ["--mtu", "1400"]]) {
    assertEquals(await machine.run("set", "lab", "--name", "OFFICE", ...more, "--json"), 5);
    const [{ error }] = machine.environment.stderr.objects;
    assertEquals(error.reason, 'the name "OFFICE" is taken: a network adapter has it');
  }
  assertEquals(await machine.ask("list"), before);
});

for (const name of ["a/b", " x", "deadbabe-cafe-beef-0123-456789abcdef", "ifIndex:7"]) {
  machineTest(`set --name refuses ${JSON.stringify(name)} as Windows does`, async (machine) => {
    await machine.run("create", "lab");
    assertEquals(await machine.run("set", "lab", "--name", name), 2);
    assertMatch(machine.environment.stderr.text, /--name .*: a name cannot /);
  });
}

machineTest("set --name leaves the adapter of another program alone without --force", async (machine) => {
  machine.others = [other({ name: "vpn" })];
  assertEquals(await machine.run("set", "vpn", "--name", "mine"), 1);
  assertEquals(await machine.run("set", "vpn", "--name", "mine", "--force"), 0);
});

machineTest("create with the old name says whose GUID that name gives, and what to do", async (machine) => {
  const { adapter } = await machine.ask("create", "lab");
  await machine.run("set", "lab", "--name", "office");
  for (const more of [[], ["--if-not-exists"], ["--dry-run"]]) {
    assertEquals(await machine.run("create", "lab", ...more, "--json"), 5);
    const [{ error }] = machine.environment.stderr.objects;
    assertEquals(
      error.reason,
      `adapter "office" has the GUID ${adapter.guid}, which follows from the name "lab"`,
    );
    assertStringIncludes(error.hint, "--guid");
    assertStringIncludes(error.hint, 'wintun set "office" --name "lab"');
  }
  const guid = "deadbabe-cafe-beef-0123-456789abcdef";
  assertEquals((await machine.ask("create", "lab", "--guid", guid)).adapter.guid, guid);
});
