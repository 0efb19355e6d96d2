import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { machineTest, other } from "../machine.ts";

machineTest("list with a name shows everything about the adapter, one value a line", async (machine) => {
  await machine.run(
    ...["create", "lab", "--address", "10.77.0.1/24", "--address", "fd77::1/64", "--mtu", "ipv6=1400"],
    ...["--route", "10.78.0.0/16,via=10.77.0.9,metric=5", "--dns", "10.77.0.53", "--metric", "ipv4=7"],
  );
  assertEquals(await machine.run("list", "lab"), 0);
  const { text } = machine.environment.stdout;
  for (
    const line of [
      "lab\n",
      "  state             down\n",
      "  addresses         10.77.0.1/24\n                    fd77::1/64\n",
      "  routes            10.78.0.0/16,via=10.77.0.9,metric=5\n",
      "  DNS               10.77.0.53\n",
      "  IPv4              MTU 65535, metric 7, forwarding off\n",
      "  IPv6              MTU 1400, metric 5 (automatic), forwarding off\n",
      "  ifIndex           50\n",
      "  driver            0.14.0.0\n",
    ]
  ) {
    assertStringIncludes(text, line);
  }
});

machineTest("list with several names separates the adapters by an empty line", async (machine) => {
  for (const name of ["one", "two"]) await machine.run("create", name);
  await machine.run("list", "two", "one");
  const { lines } = machine.environment.stdout;
  assertEquals(lines.filter((line) => !line.startsWith(" ")), ["two", "", "one"]);
});

machineTest("an adapter is found by ifIndex:N and its GUID wherever a name is taken", async (machine) => {
  const { adapter } = await machine.ask("create", "lab");
  for (
    const name of [
      `ifIndex:${adapter.ifIndex}`,
      `IFINDEX:${adapter.ifIndex}`,
      `{${adapter.guid.toUpperCase()}}`,
    ]
  ) {
    assertEquals((await machine.ask("list", name)).adapters[0].name, "lab");
    assertEquals((await machine.ask("set", name, "--metric", "7")).adapter.name, "lab");
  }
  assertEquals(await machine.run("list", "ifIndex:0"), 4);
  assertEquals(await machine.run("create", `ifIndex:${adapter.ifIndex}`), 2);
  assertEquals(await machine.run("delete", `ifIndex:${adapter.ifIndex}`), 0);
});

machineTest("list sorts names as people count", async (machine) => {
  for (const name of ["par10", "par2", "Par1"]) await machine.run("create", name);
  const { adapters } = await machine.ask("list");
  assertEquals(adapters.map(({ name }: { name: string }) => name), ["Par1", "par2", "par10"]);
});

machineTest("list shows the adapters of one state, and those of one kind of owner", async (machine) => {
  await machine.run("create", "lab");
  machine.others = [other({ state: "up" })];
  const names = async (...args: string[]): Promise<string[]> =>
    (await machine.ask("list", ...args)).adapters.map(({ name }: { name: string }) => name);
  assertEquals(await names("--owner", "ours"), ["lab"]);
  assertEquals(await names("--owner", "others"), ["wg0"]);
  assertEquals(await names("--state", "up"), ["wg0"]);
  assertEquals(await names("--state", "up", "--owner", "ours"), []);
  assertEquals(await machine.run("list", "--state", "starting"), 0);
  assertEquals(machine.environment.stderr.text, "There are no such adapters.\n");
  assertEquals(await machine.run("list", "--state", "away"), 2);
  assertEquals(await machine.run("list", "--owner", "me"), 2);
});

machineTest("list cuts long fields to the width of a terminal, and nothing for a file", async (machine) => {
  const long = "A tunnel type that is much longer than anything else in this line of the table";
  await machine.run("create", "日本語", "--type", long, "--address", "10.77.0.1/24");
  await machine.run("list");
  assertStringIncludes(machine.environment.stdout.text, long);
  const lines = await machine.runOnTerminal(80, "list");
  assert(lines.every((line) => line.length < 80), lines.join("\n"));
  assertStringIncludes(lines[1], "A tunnel type");
  assertStringIncludes(lines[1], "… ");
  assertStringIncludes(lines[1], "10.77.0.1/24");
});
