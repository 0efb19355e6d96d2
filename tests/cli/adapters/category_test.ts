import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Machine } from "../machine.ts";
import { machineTest } from "../machine.ts";

const PENDING =
  'The network of adapter "lab" becomes private when Windows identifies it, some seconds after a session is open.\n';

/** Returns what the block of the adapter says of its network. */
async function categoryLine(machine: Machine): Promise<string | undefined> {
  assertEquals(await machine.run("list", "lab"), 0);
  return machine.environment.stdout.lines.map((line) => /^ +category +(.*)$/.exec(line)?.[1]).find(Boolean);
}

machineTest(
  "a note says that a category is pending if it is set before there is a network",
  async (machine) => {
    assertEquals(await machine.run("create", "lab", "--category", "private"), 0);
    assertEquals(machine.environment.stderr.text, PENDING);
    assertEquals(await categoryLine(machine), "Windows has identified no network, private is set");
    assertEquals(await machine.run("set", "lab", "--category", "private"), 0);
    assertStringIncludes(machine.environment.stdout.text, "unchanged");
    assertEquals(machine.environment.stderr.text, PENDING);
    assertEquals(await machine.run("set", "lab", "--category", "default"), 0);
    assertStringIncludes(
      machine.environment.stdout.text,
      "(changed network category from private to default)",
    );
    assertEquals(machine.environment.stderr.text, "");
    assertEquals(await categoryLine(machine), "Windows has identified no network");
  },
);

machineTest("list shows the category of the network, which follows what is set", async (machine) => {
  using adapter = await machine.host.create({ name: "lab", type: "T" });
  using _session = adapter.openSession(131072);
  assertEquals(await categoryLine(machine), "public");
  assertEquals(await machine.run("set", "lab", "--category", "private", "--dry-run"), 0);
  assertStringIncludes(
    machine.environment.stdout.text,
    "would change network category from default to private",
  );
  assertEquals([await categoryLine(machine), machine.environment.stderr.text], ["public", ""]);
  assertEquals(await machine.run("set", "lab", "--category", "private"), 0);
  assertEquals(machine.environment.stderr.text, "");
  assertEquals(await categoryLine(machine), "private");
  const { adapters: [{ category, givenCategory }] } = await machine.ask("list");
  assertEquals([category, givenCategory], ["private", "private"]);
});
