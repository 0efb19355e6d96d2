import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { infoOf } from "../../../src/tun/simulated/adapter_info.ts";
import { addAdapter, newMachine } from "../../../src/tun/simulated/machine.ts";
import { newService } from "../../../src/tun/simulated/services.ts";
import { removeAsOthersDo } from "../../../src/tun/simulated/situations.ts";
import { ChosenMachine } from "../chosen_machine.ts";

Deno.test("simulate restart brings back what is persistent, with its settings and a new process", async () => {
  const machine = new ChosenMachine();
  await machine.run("create", "stays", "--persistent", "--mtu", "1400", "--json");
  const [{ adapter: before }] = machine.environment.stdout.objects;
  await machine.states("create", "goes");
  await machine.states("simulate", "other", "wg0");
  await machine.states("simulate", "ethernet", "LAN");
  assertEquals(await machine.states("simulate", "restart"), ["stays down", "LAN foreign"]);
  await machine.run("list", "stays", "--json");
  const [{ adapters: [after] }] = machine.environment.stdout.objects;
  assertEquals([after.mtu, after.owner.pid === before.owner.pid, after.guid], [1400, false, before.guid]);
});

Deno.test("simulate unelevated makes commands that change the machine end with 3, and others not", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "lab");
  await machine.states("simulate", "unelevated");
  for (
    const line of [
      "create a",
      "set lab --mtu 1400",
      "serve lab",
      "stop lab",
      "delete lab",
      "driver uninstall",
    ]
  ) {
    assertEquals(await machine.run(...line.split(" ")), 3, line);
  }
  for (const line of ["list", "driver status", "doctor"]) {
    assertEquals(await machine.run(...line.split(" ")), 0, line);
  }
  assertEquals(await machine.states("simulate", "elevated"), ["lab down"]);
  assertEquals(await machine.run("delete", "lab"), 0);
});

Deno.test("simulate remove takes an adapter away, and a persistent one comes back", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "goes");
  await machine.states("create", "stays", "--persistent");
  assertEquals(await machine.states("simulate", "remove", "goes"), ["stays down"]);
  assertEquals(await machine.states("simulate", "remove", "stays"), ["stays down"]);
  assertEquals(await machine.run("simulate", "remove", "goes"), 4);
});

Deno.test("simulate remove leaves a persistent adapter stopped the third time, and a restart forgets that", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "lab", "--persistent", "--mtu", "1400");
  for (const state of ["down", "down", "stopped"]) {
    assertEquals(await machine.states("simulate", "remove", "lab"), [`lab ${state}`]);
  }
  await machine.run("list", "lab", "--json");
  const [{ adapters: [{ exitCode, reason, startSettings }] }] = machine.environment.stdout.objects;
  assertEquals([exitCode, reason, startSettings.mtu], [10, "it was removed", ["1400"]]);
  assertEquals(await machine.run("simulate", "remove", "lab"), 4);
  assertStringIncludes(machine.environment.stderr.text, "it is stopped: it was removed.");
  assertEquals(await machine.states("create", "lab", "--if-not-exists"), ["lab down"]);
  assertEquals(await machine.states("simulate", "remove", "lab"), ["lab stopped"]);
  assertEquals(await machine.states("simulate", "restart"), ["lab down"]);
  assertEquals(await machine.states("simulate", "remove", "lab"), ["lab down"]);
});

Deno.test("an hour without a removal is forgotten by the service of a persistent adapter", () => {
  const machine = newMachine();
  const guid = "deadbabe-cafe-beef-0123-456789abcdef";
  addAdapter(machine, { name: "lab", type: "Wintun", guid, holding: newService(machine, true) });
  const end = { exitCode: 10, reason: "it was removed" };
  const stateAfter = (minutes: number): unknown =>
    infoOf(removeAsOthersDo(machine, "lab", minutes * 60_000, end)!).state;
  assertEquals([0, 59, 119, 178, 179].map(stateAfter), ["down", "down", "down", "down", "stopped"]);
});

Deno.test("simulate calls a network adapter that is no tunnel ethernet, and only a tunnel foreign", async () => {
  const machine = new ChosenMachine();
  await machine.run("simulate", "ethernet", "LAN");
  assertEquals(machine.environment.stdout.lines, ["LAN (ethernet)"]);
  await machine.run("simulate", "foreign", "tun");
  assertEquals(machine.environment.stdout.lines, ["tun (foreign)"]);
  await machine.run("simulate", "show");
  assertEquals(machine.environment.stdout.lines.slice(1), ["LAN (ethernet)", "tun (foreign)"]);
  await machine.run("complete", "--json", "--", "simulate", "remove");
  const [{ candidates }] = machine.environment.stdout.objects;
  const helps = candidates.flatMap(({ kind, help }: { kind: string; help: string }) =>
    kind === "value" ? [help] : []
  );
  assertEquals(helps, ["Adapter ethernet", "Adapter foreign"]);
});

Deno.test("set of another program's adapter refuses what only its holder could keep, as on Windows", async () => {
  const machine = new ChosenMachine();
  const set = async (...settings: string[]): Promise<string> => {
    const code = await machine.run("set", "wg0", "--force", ...settings);
    assertEquals(code, machine.environment.stdout.text === "" ? 1 : 0);
    return `${machine.environment.stdout.text}${machine.environment.stderr.text}`;
  };
  await machine.states("simulate", "other", "wg0");
  assertStringIncludes(await set("--dns-for", "lab.example=10.6.7.1"), "nothing would remove them with it");
  assertStringIncludes(await set("--category", "private"), "Windows has not identified its network yet");
  assertStringIncludes(await set("--category", "default", "--dns-for", "none"), "(unchanged)");
  await machine.states("simulate", "other-up", "wg0");
  assertStringIncludes(await set("--category", "public"), "(unchanged)");
  assertStringIncludes(await set("--category", "private"), "from public to private");
  await machine.run("list", "wg0", "--json");
  const [{ category, givenCategory }] = machine.environment.stdout.objects[0].adapters;
  assertEquals([category, givenCategory], ["private", null], "its holder does not know of it");
  assertStringIncludes(await set("--category", "private"), "(unchanged)");
  assertStringIncludes(await set("--category", "default"), "from private to default");
  assertStringIncludes(await set("--category", "default"), "(unchanged)");
});

Deno.test("an adapter that is stopped does not start if another one has got its address", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "lab", "--persistent", "--address", "10.77.0.1/24");
  await machine.states("simulate", "stopped", "lab");
  await machine.states("create", "other", "--address", "10.77.0.1/24");
  assertEquals(await machine.run("create", "lab", "--if-not-exists"), 1);
  assertStringIncludes(machine.environment.stderr.text, 'another interface, "other", has the address');
  assertEquals(await machine.states("delete", "other"), ["lab stopped"]);
  assertEquals(await machine.states("create", "lab", "--if-not-exists"), ["lab down"]);
});

Deno.test("of two persistent adapters with an address only the first comes back after a restart", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "lab", "--persistent", "--address", "10.77.0.1/24");
  await machine.states("simulate", "stopped", "lab");
  await machine.states("create", "other", "--persistent", "--address", "10.77.0.1/24");
  assertEquals(await machine.states("simulate", "restart"), ["lab down", "other stopped"]);
  await machine.run("list", "other", "--json");
  const [{ exitCode, reason }] = machine.environment.stdout.objects[0].adapters;
  assertEquals([exitCode, reason], [1, 'another interface, "lab", has the address 10.77.0.1/24']);
  await machine.states("delete", "lab");
  assertEquals(await machine.states("simulate", "restart"), ["other down"]);
});

Deno.test("a service without an adapter has the name of its order, also if the adapter was renamed", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "lab", "--persistent");
  await machine.states("simulate", "rename", "lab", "new");
  assertEquals(await machine.states("simulate", "stopped", "new"), ["lab stopped"]);
});

Deno.test("simulate rename refuses a name that is taken with 5, and a missing adapter with 4", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "a");
  await machine.states("create", "b");
  assertEquals(await machine.run("simulate", "rename", "a", "B"), 5);
  assertEquals(await machine.run("simulate", "rename", "c", "d"), 4);
  assertEquals(await machine.states("simulate", "rename", "a", "A"), ["A down", "b down"]);
});

Deno.test("simulate reset forgets everything, and says whether there was anything", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "lab");
  await machine.run("simulate", "reset", "--json");
  const [{ changed, adapters }] = machine.environment.stdout.objects;
  assertEquals([changed, adapters], [true, []]);
  await machine.run("simulate", "reset", "--json");
  assertEquals(machine.environment.stdout.objects[0].changed, false);
});

for (
  const [line, message] of [
    ["simulate rest", 'simulate has no action "rest". Did you mean reset?'],
    ["simulate legacy", "simulate legacy takes NAME. Usage: wintun simulate legacy NAME."],
    ["simulate rename a", "simulate rename takes NAME and NEW. Usage: wintun simulate rename NAME NEW."],
    ["simulate reset lab", "simulate reset takes no name. Usage: wintun simulate reset."],
    ["simulate show --dll x.dll", "A simulated machine uses no driver, so --dll has no effect."],
  ]
) {
  Deno.test(`wintun ${line} is a usage error`, async () => {
    const machine = new ChosenMachine();
    assertEquals(await machine.run(...line.split(" ")), 2);
    assertStringIncludes(machine.environment.stderr.text, `error: ${message}`);
  });
}

Deno.test("each event of a watch on a simulated machine says that the machine is simulated", async () => {
  const machine = new ChosenMachine();
  const ended = machine.run("watch", "--count", "3", "--json");
  const { stdout } = machine.environment;
  for (
    const [index, line] of ["create lab", "set lab --mtu 1400", "delete lab"].entries()
  ) {
    while (stdout.lines.length <= index) await new Promise((wake) => setTimeout(wake, 1));
    assertEquals(await machine.run(...line.split(" ")), 0, line);
  }
  assertEquals(await ended, 0);
  assertEquals(
    stdout.objects.map(({ event, simulated }) => [event, simulated]),
    ["ready", "added", "changed", "removed", "stopped"].map((event) => [event, true]),
  );
});

Deno.test("delete of a simulated adapter touches no log of a real one with the same GUID", async () => {
  const machine = new ChosenMachine();
  for (const state of ["stopped", "lost"]) {
    assertEquals(await machine.run("simulate", state, "lab"), 0);
    await machine.run("delete", "lab", "--force", "--timeout", "0.1");
    assertEquals(machine.environment.cleanedUp, [], state);
  }
});

Deno.test("simulate offers its actions for completion, and then what is on the machine", async () => {
  const machine = new ChosenMachine();
  await machine.states("create", "lab");
  await machine.states("simulate", "ethernet", "LAN");
  const valuesAfter = async (...words: string[]): Promise<string[]> => {
    assertEquals(await machine.run("complete", "--", "simulate", ...words), 0);
    return machine.environment.stdout.lines.filter((line) => !line.startsWith("-"));
  };
  assert((await valuesAfter()).includes("remove"));
  assertEquals(await valuesAfter("remove"), ["lab", "LAN"]);
  assertEquals(await valuesAfter("reset"), []);
});
