import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "yaml";
import { DSC_DOCUMENT } from "../../../src/cli/program/topics/dsc.ts";
import { main } from "../validated_main.ts";
import { validate } from "../../validation.ts";
import { FakeEnvironment } from "../fake_environment.ts";
import { ChosenMachine } from "../chosen_machine.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** How a verb ended, and the lines that it wrote. */
interface Ended {
  readonly code: number;
  readonly lines: readonly Json[];
  /** What DSC shows to the user, but for the note that the machine is simulated. */
  readonly traces: readonly Json[];
}

function dscTest(name: string, body: (machine: ChosenMachine) => Promise<void>): void {
  Deno.test(name, () => body(new ChosenMachine()));
}

async function run(machine: ChosenMachine, verb: string, input: unknown): Promise<Ended> {
  machine.stdin = typeof input === "string" ? input : JSON.stringify(input);
  const code = await machine.run("dsc", verb);
  const { stdout, stderr } = machine.environment;
  const lines = stdout.objects;
  for (const line of lines) {
    if (!Array.isArray(line)) validate("dsc", line);
  }
  const [simulated, ...traces] = stderr.objects;
  assertEquals(simulated, { warn: "This machine is simulated: WINTUN_SIMULATE chooses it." });
  return { code, lines, traces };
}

async function must(machine: ChosenMachine, verb: string, input: unknown): Promise<readonly Json[]> {
  const { code, lines, traces } = await run(machine, verb, input);
  assertEquals([code, traces], [0, []]);
  return lines;
}

const LAB = {
  name: "lab",
  addresses: ["10.77.0.1/24", "fd77::1/64"],
  mtu: 1400,
  ipv6: { mtu: 1300 },
  metric: 5,
  forwarding: true,
  dns: ["10.77.0.53"],
  dnsSuffix: "lab.example",
  dnsSearch: ["example"],
  dnsRegistration: true,
  category: "private",
  dnsFor: [{ name: "corp.example", servers: ["10.77.0.53", "fd77::53"] }],
  routes: [{ destination: "10.78.0.0/16", gateway: "10.77.0.9", metric: 7 }, { destination: "10.79.0.0/16" }],
};

dscTest(
  "dsc set makes an adapter with every field, and the second time changes nothing",
  async (machine) => {
    const { name: _, ...fields } = LAB;
    const [, changed] = await must(machine, "set", LAB);
    assertEquals(changed, ["_exist", ...Object.keys(fields)]);
    const [state, again] = await must(machine, "set", LAB);
    assertEquals([state._exist, again], [true, []]);
    const [present] = await must(machine, "get", { name: "lab" });
    assertEquals(present, state);
    assertEquals([present.mtu, present.ipv6.mtu, present.ipv4.forwarding], [1400, 1300, true]);
    assertEquals(present.routes[1], { destination: "10.79.0.0/16", gateway: null, metric: 0 });
  },
);

dscTest("dsc test names the fields that differ, and changes nothing", async (machine) => {
  const [absent, all] = await must(machine, "test", { name: "lab", mtu: 1400 });
  assertEquals(absent, { _exist: false, name: "lab", _inDesiredState: false });
  assertEquals(all, ["_exist", "mtu"]);
  await must(machine, "set", { name: "lab", mtu: 1400 });
  const wanted = { name: "lab", mtu: 1400, dns: ["10.77.0.53"], ipv6: { metric: 9 }, addresses: [] };
  const [state, fields] = await must(machine, "test", wanted);
  assertEquals([state._inDesiredState, fields], [false, ["ipv6", "dns"]]);
  const [same, none] = await must(machine, "test", { name: "lab", mtu: 1400 });
  assertEquals([same._inDesiredState, none], [true, []]);
  assertEquals((await must(machine, "get", { name: "lab" }))[0].dns, []);
});

dscTest("dsc what-if writes the state that set would give, and changes nothing", async (machine) => {
  const [state, fields] = await must(machine, "what-if", { name: "lab", mtu: 1400 });
  assertEquals([state, fields], [{ _exist: true, name: "lab", mtu: 1400 }, ["_exist", "mtu"]]);
  assertEquals((await must(machine, "get", { name: "lab" }))[0]._exist, false);
  await must(machine, "set", { name: "lab" });
  assertEquals(await must(machine, "what-if", { name: "lab", _exist: false }), [
    { _exist: false, name: "lab" },
    ["_exist"],
  ]);
  assertEquals((await must(machine, "get", { name: "lab" }))[0]._exist, true);
});

dscTest(
  "dsc deletes an adapter by delete, and by set with _exist false, and accepts a missing one",
  async (machine) => {
    for (const verb of ["delete", "set"]) {
      await must(machine, "set", { name: "lab" });
      await must(machine, verb, { name: "lab", _exist: false });
      assertEquals((await must(machine, "get", { name: "lab" }))[0]._exist, false);
      await must(machine, verb, { name: "lab", _exist: false });
    }
  },
);

dscTest("what dsc export writes can be set again, and is the same then", async (machine) => {
  await must(machine, "set", LAB);
  await must(machine, "set", { name: "other" });
  assertEquals(await machine.run("simulate", "other", "wg0"), 0);
  const exported = await must(machine, "export", "");
  assertEquals(exported.map(({ name }) => name), ["lab", "other"]);
  for (const state of exported) {
    assertEquals((await must(machine, "set", state))[1], []);
    await must(machine, "delete", { name: state.name });
    await must(machine, "set", state);
  }
  const ids = ({ ifIndex: _, ...rest }: Json): Json => rest;
  assertEquals((await must(machine, "export", "")).map(ids), exported.map(ids));
  assertEquals((await must(machine, "export", { name: "lab" })).map(({ name }) => name), ["lab"]);
});

dscTest("dsc set refuses to change what an adapter gets when it is created", async (machine) => {
  await must(machine, "set", { name: "lab", persistent: true });
  const [state] = await must(machine, "get", { name: "lab" });
  for (
    const [field, value] of [["type", "Other"], ["persistent", false], [
      "guid",
      "1".repeat(8) + state.guid.slice(8),
    ]]
  ) {
    const wanted = { name: "lab", mtu: 1300, [`${field}`]: value };
    assertEquals((await run(machine, "test", wanted)).lines.at(-1)[0], field);
    const { code, lines, traces } = await run(machine, "set", wanted);
    assertEquals([code, lines], [5, []]);
    assertStringIncludes(traces[0].error, `its ${field} cannot be changed`);
  }
  assertEquals((await must(machine, "get", { name: "lab" }))[0].mtu, 65535);
  await must(machine, "set", {
    name: "lab",
    guid: `{${state.guid.toUpperCase()}}`,
    type: state.type,
    persistent: true,
  });
});

dscTest("dsc set starts the service of an adapter that is stopped", async (machine) => {
  const wanted = { name: "lab", persistent: true, mtu: 1400 };
  await must(machine, "set", wanted);
  assertEquals(await machine.run("simulate", "stopped", "lab"), 0);
  const [stopped, differing] = await must(machine, "test", wanted);
  assertEquals([stopped.state, stopped._inDesiredState, differing], ["stopped", false, ["state"]]);
  const [expected] = await must(machine, "what-if", wanted);
  assertEquals([expected.state, expected.mtu], ["down", 1400]);
  const [state, changed] = await must(machine, "set", wanted);
  assertEquals([state.state, state.mtu, changed], ["down", 1400, ["state"]]);
});

dscTest(
  "the state of a stopped adapter has what it gets at its start, and can be set again",
  async (machine) => {
    await must(machine, "set", { ...LAB, persistent: true });
    const [running] = await must(machine, "get", { name: "lab" });
    assertEquals(await machine.run("simulate", "stopped", "lab"), 0);
    const [stopped] = await must(machine, "get", { name: "lab" });
    assertEquals(stopped, { ...running, state: "stopped", ifIndex: 0 });
    assertEquals(await must(machine, "export", ""), [stopped]);
    await must(machine, "delete", { name: "lab" });
    await must(machine, "set", stopped);
    const [made] = await must(machine, "get", { name: "lab" });
    assertEquals({ ...made, ifIndex: 0 }, { ...running, ifIndex: 0 });
  },
);

dscTest("a stopped adapter whose metric Windows chooses has none in its state", async (machine) => {
  await must(machine, "set", { name: "lab", persistent: true });
  assertEquals(await machine.run("simulate", "stopped", "lab"), 0);
  const [{ metric, ipv4 }] = await must(machine, "get", { name: "lab" });
  assertEquals([metric, ipv4], [0, { mtu: 65535, metric: 0, automaticMetric: true, forwarding: false }]);
});

dscTest("dsc test compares a stopped adapter by what it gets at its start", async (machine) => {
  await must(machine, "set", { ...LAB, persistent: true });
  assertEquals(await machine.run("simulate", "stopped", "lab"), 0);
  assertEquals((await must(machine, "test", LAB))[1], ["state"]);
  const wanted = { ...LAB, dns: [], dnsSuffix: "other.example" };
  assertEquals((await must(machine, "test", wanted))[1], ["state", "dns", "dnsSuffix"]);
  assertEquals((await must(machine, "set", wanted))[1], ["state", "dns", "dnsSuffix"]);
  assertEquals((await must(machine, "test", wanted))[1], []);
});

dscTest("dsc never takes the adapter of another program", async (machine) => {
  assertEquals(await machine.run("simulate", "other", "wg0"), 0);
  for (const verb of ["set", "test", "what-if"]) {
    const { code, traces: [{ error }] } = await run(machine, verb, { name: "wg0", mtu: 1300 });
    assertEquals(code, 5, verb);
    assertStringIncludes(error, "another program");
  }
  assertEquals((await run(machine, "delete", { name: "wg0" })).code, 1);
  assertEquals((await must(machine, "get", { name: "wg0" }))[0].mtu, 65535);
});

dscTest("what is no adapter of Wintun does not exist to dsc, which leaves it alone", async (machine) => {
  for (const situation of ["orphaned", "ethernet", "foreign"]) {
    assertEquals(await machine.run("simulate", situation, situation), 0);
    const absent = { name: situation, _exist: false };
    assertEquals(await must(machine, "get", { name: situation }), [{ _exist: false, name: situation }]);
    assertEquals((await must(machine, "test", absent))[1], []);
    assertEquals((await must(machine, "set", absent))[1], []);
    assertEquals(await must(machine, "delete", absent), []);
  }
  await machine.run("simulate", "--json");
  assertEquals(machine.environment.stdout.objects[0].adapters.length, 3);
  assertEquals((await run(machine, "set", { name: "ethernet" })).code, 5);
  assertEquals((await must(machine, "set", { name: "orphaned" }))[1], ["_exist"]);
});

dscTest("an adapter that is starting is not in the desired state yet", async (machine) => {
  assertEquals(await machine.run("simulate", "starting", "lab"), 0);
  const [state, fields] = await must(machine, "test", { name: "lab" });
  assertEquals([state._inDesiredState, fields], [false, ["state"]]);
});

dscTest("names and types that look like options are none to dsc", async (machine) => {
  const wanted = { name: "--json", type: "--type", dnsSearch: ["x"] };
  await must(machine, "set", wanted);
  const [{ type }, differing] = await must(machine, "test", wanted);
  assertEquals([type, differing], ["--type", []]);
  await must(machine, "delete", { name: "--json" });
});

dscTest("warnings of dsc are written as DSC reads them", async (machine) => {
  await must(machine, "set", { name: "lab" });
  const { traces } = await run(machine, "test", { name: "lab", type: "Other" });
  assertEquals(traces, [{
    warn: 'Adapter "lab" exists with type "Wintun"; --type "Other" has no effect.',
  }]);
});

for (
  const [input, reason] of [
    ["", "The input is not valid JSON"],
    ["[]", "the input: must be an object."],
    ['{"mtu":1400}', "name: must be a string."],
    ['{"name":"lab","_exist":"no"}', "_exist: must be true or false."],
    ['{"name":"lab","mtu":"1400"}', "mtu: must be a number."],
    ['{"name":"lab","mtu":1}', "--mtu 1: "],
    ['{"name":"lab","addresses":"10.77.0.1/24"}', "addresses: must be a list."],
    ['{"name":"lab","addresses":[5]}', "addresses[0]: must be a string."],
    ['{"name":"lab","addresses":["10.77.0.1"]}', "--address 10.77.0.1: "],
    ['{"name":"lab","routes":[{"gateway":"10.77.0.9"}]}', "routes[0].destination: must be a string."],
    ['{"name":"lab","ipv6":{"address":"fd77::1/64"}}', "There is no field ipv6.address."],
    ['{"name":"lab","constructor":1}', "There is no field constructor."],
    ['{"name":""}', "name"],
    ['{"name":"lab","addresses":["none"]}', 'addresses[0]: "none" is no value.'],
    ['{"name":"lab","dnsSuffix":"default"}', 'dnsSuffix: "default" is no value.'],
    [
      '{"name":"lab","dnsFor":[{"name":"lab.example","servers":[]}]}',
      "dnsFor[0].servers: must be a list with",
    ],
    ['{"name":"lab","dnsFor":[{"name":"1.2.3.4","servers":["10.77.0.53"]}]}', "its last label is a number."],
    ['{"name":"lab","dnsSuffix":"a..b"}', "it has an empty label."],
    [
      '{"name":"lab","dnsFor":[{"name":"lab.example","servers":["10.77.0.53"],"server":1}]}',
      "There is no field dnsFor[0].server.",
    ],
    [
      '{"name":"lab","routes":[{"destination":"10.78.0.0/16","via":"10.77.0.9"}]}',
      "There is no field routes[0].via.",
    ],
    ['{"name":"lab","__proto__":{"mtu":1400}}', "There is no field __proto__."],
    ['{"name":"lab","ipv4":{"__proto__":1}}', "There is no field ipv4.__proto__."],
    ['{"name":"lab","mtu":1400.5}', "--mtu 1400.5: must be a whole number"],
    ['{"name":"lab","mtu":null}', "mtu: must be a number."],
  ]
) {
  dscTest(`dsc refuses ${input || "an empty input"} and changes nothing`, async (machine) => {
    const { code, lines, traces } = await run(machine, "set", input);
    assertEquals([code, lines, traces.length], [2, [], 1]);
    assertStringIncludes(traces[0].error, reason);
    assertEquals(await must(machine, "export", ""), []);
  });
}

Deno.test("dsc refuses an unknown verb", async () => {
  for (const args of [[], ["make"], ["get", "set"]]) {
    const environment = new FakeEnvironment();
    assertEquals(await main(["dsc", ...args], environment), 2);
    assertStringIncludes(environment.stderr.text, "get, set, what-if, test, delete, export");
  }
});

dscTest("The document of wintun help dsc has two resources, which dsc sets", async (machine) => {
  const { resources } = parse(DSC_DOCUMENT);
  assertEquals(resources.length, 2);
  for (const { type, properties } of resources) {
    assertEquals(type, "Wintun/Adapter");
    validate("dsc", properties);
    await must(machine, "set", properties);
    const [state] = await must(machine, "test", properties);
    assert(state._inDesiredState);
  }
});
