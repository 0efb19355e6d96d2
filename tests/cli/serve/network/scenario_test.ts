import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Schema, Validator } from "@cfworker/json-schema";
import { UsageError } from "../../../../src/cli/arguments/usage_error.ts";
import { NETWORK_STORIES } from "../../../../src/cli/program/topics/network_stories.ts";
import { SCENARIO_EXAMPLE } from "../../../../src/cli/program/topics/scenario.ts";
import { formatAddressRange } from "../../../../src/cli/serve/network/ranges.ts";
import { parseScenario, type Scenario } from "../../../../src/cli/serve/network/scenario.ts";
import schema from "../../../../src/schemas/scenario.schema.json" with { type: "json" };

const validator = new Validator(schema as unknown as Schema, "2020-12", false);

const parse = (scenario: unknown): Scenario => parseScenario(JSON.stringify(scenario), "lab.json");

/** Returns the message about a scenario, with all faults. */
function faultOf(scenario: unknown): string {
  const { message, hint } = assertThrows(() => parse(scenario), UsageError);
  return hint === "" ? message : `${message} ${hint}`;
}

/** A scenario with every property. */
const EVERYTHING = {
  $schema: "scenario.schema.json",
  hosts: ["10.77.0.10-10.77.0.20", { address: "10.77.0.12", delay: "80ms", jitter: "10ms", up: true }],
  unreachable: true,
  routers: ["10.77.0.254"],
  hops: 1,
  pathMtu: 1400,
  udpPorts: [7, "5000-5010"],
  refuse: false,
  delay: "20ms",
  reorder: "25%",
  loss: "1%",
  duplicate: "0%",
  rate: "10Mbit",
  seed: 1,
  changes: [
    { at: "1.5s", hosts: ["10.77.0.12"], up: false },
    { at: "3600s", pathMtu: null, rate: null, delay: "0ms", hops: 2 },
  ],
};

Deno.test("parseScenario() reads hosts, their differences and changes, in the units of a plan", () => {
  const { hosts, changes, changing, ...others } = parse(EVERYTHING);
  assertEquals(hosts?.map(({ value }) => formatAddressRange(value)), ["10.77.0.10-10.77.0.20", "10.77.0.12"]);
  assertEquals(hosts?.[1].name, "lab.json: hosts[1].address 10.77.0.12");
  assertEquals(changing.map(({ name }) => name), ["lab.json: changes[0].hosts[0] 10.77.0.12"]);
  const twelve = [hosts![1].value];
  assertEquals(changes, [
    { atMs: 0, hosts: twelve, isUp: true, link: { delayUs: 80_000, jitterUs: 10_000, reorder: 0 } },
    { atMs: 1500, hosts: twelve, isUp: false },
    {
      atMs: 3_600_000,
      hops: 2,
      pathMtu: null,
      link: { delayUs: 0, jitterUs: 0, reorder: 0, rateBitsPerSecond: null },
    },
  ]);
  assertEquals(others, {
    unreachable: true,
    routers: [{
      name: "lab.json: routers[0] 10.77.0.254",
      value: { family: 4, bytes: Uint8Array.of(10, 77, 0, 254) },
    }],
    hops: 1,
    pathMtu: 1400,
    udpPorts: [{ first: 7, last: 7 }, { first: 5000, last: 5010 }],
    refuse: false,
    delay: 20_000,
    reorder: 0.25,
    loss: 0.01,
    duplicate: 0,
    rate: 10_000_000,
    seed: 1,
  });
});

Deno.test("parseScenario() puts the differences of hosts before all changes, wherever they are in the file", () => {
  const { changes } = parse({
    changes: [{ at: "0s", loss: "5%" }],
    hosts: [{ address: "10.77.0.9", loss: "1%" }],
  });
  assertEquals(changes.map(({ link }) => link?.loss), [0.01, 0.05]);
});

/** What is no scenario, and the message. The schema refuses it too. */
const FAULTS: readonly [scenario: unknown, message: string][] = [
  [[], "[]: must be an object."],
  [{ hosts: 7 }, "hosts 7: must be an array."],
  [{ hosts: [7] }, "hosts[0] 7: must be a range in quotation marks, or an object."],
  [{ hosts: [null] }, "hosts[0] null: must be an object."],
  [{ udpPorts: [] }, "udpPorts []: has no port."],
  [{ hosts: [{ delay: "1ms" }] }, 'hosts[0] {"delay":"1ms"}: has no address.'],
  [
    { hosts: ["10.77.0.9", "10.77.0.9", { address: "10.77.0.9", delay: "20" }] },
    "hosts[2].delay 20: has no unit; the units are us, ms and s. Did you mean 20ms?",
  ],
  [
    { hosts: [{ address: "10.77.0.9", dely: "20ms" }] },
    "hosts[0].dely: there is no such property. Did you mean delay?",
  ],
  [{ __proto__: null, at: "3s" }, "at: there is no such property."],
  [{ unreachable: "yes" }, 'unreachable "yes": must be true or false.'],
  [{ hops: 64 }, "hops 64: must be a whole number from 0 to 63."],
  [{ hops: "3" }, 'hops "3": must be a whole number from 0 to 63.'],
  [{ pathMtu: null }, "pathMtu null: must be a whole number from 68 to 65535."],
  [{ delay: 20 }, "delay 20: must be a string in quotation marks."],
  [{ loss: "1" }, "loss 1: has no unit; the unit is %. Did you mean 1%?"],
  [{ udpPorts: [0] }, 'udpPorts[0] 0: must be a port from 1 to 65535, or ports such as "5000-5010".'],
  [{ jitter: "5ms" }, '{"jitter":"5ms"}: a jitter of 5ms needs a delay of at least 5ms.'],
  [{ seed: -1 }, "seed -1: must be a whole number from 0 to 4294967295."],
  [{ changes: [{ up: false }] }, 'changes[0] {"up":false}: has no at.'],
  [{ changes: [{ at: "3s" }] }, 'changes[0] {"at":"3s"}: changes nothing.'],
  [{ changes: [{ at: "3s", up: 0 }] }, "changes[0].up 0: must be true or false."],
  [
    { changes: [{ at: "3s", hosts: [], up: false }] },
    'changes[0] {"at":"3s","hosts":[],"up":false}: changes nothing.',
  ],
  [
    { changes: [{ at: "3s", reorder: "1%", loss: "1%" }] },
    'changes[0] {"at":"3s","reorder":"1%","loss":"1%"}: packets that are to overtake others need a delay.',
  ],
];

for (const [scenario, message] of FAULTS) {
  Deno.test(`parseScenario() says of ${JSON.stringify(scenario)} what is wrong and where, and the schema refuses it`, () => {
    assertEquals(faultOf(scenario).startsWith(`lab.json: ${message}`), true, faultOf(scenario));
    assert(!validator.validate(scenario).valid);
  });
}

Deno.test("parseScenario() finds what the schema cannot see", () => {
  for (
    const [scenario, message] of [
      [
        { hosts: ["10.77.0.20-10.77.0.10"] },
        "hosts[0] 10.77.0.20-10.77.0.10: must have the lower address first.",
      ],
      [{ routers: ["10.77.0"] }, "routers[0] 10.77.0: not an IP address"],
      [{ delay: "2000s" }, "delay 2000s: must be at most 1000s."],
      [{ delay: "1ms", jitter: "2ms" }, "a jitter of 2ms needs a delay of at least 2ms."],
    ] as const
  ) assert(faultOf(scenario).includes(message), faultOf(scenario));
});

Deno.test("parseScenario() names several faults at once, but not hundreds", () => {
  assertEquals(
    faultOf({ hops: -1, delay: 3, nothing: 1 }),
    "lab.json: hops -1: must be a whole number from 0 to 63. delay 3: must be a string in quotation marks. nothing: there is " +
      "no such property.",
  );
  const many = faultOf({ hosts: Array.from({ length: 500 }, () => "x") });
  assert(many.length < 1000 && many.endsWith("And 495 more."), many);
  assertEquals(
    faultOf({ hosts: Array.from({ length: 1001 }, () => "10.77.0.9") }).includes(
      "must have 1000 elements at most",
    ),
    true,
  );
});

Deno.test("parseScenario() refuses changes for more ranges than can be looked up at once", () => {
  const change = (at: string): unknown => ({
    at,
    up: false,
    hosts: Array.from({ length: 5001 }, () => "10.77.0.9"),
  });
  assertEquals(parse({ changes: [change("1s")] }).changing.length, 5001);
  assert(
    faultOf({ changes: [change("1s"), change("2s")] }).includes("must name 10000 ranges of hosts at most"),
  );
});

Deno.test("parseScenario() says where JSON ends to be JSON", () => {
  const { message } = assertThrows(() => parseScenario('{ "hops": }', "lab.json"), UsageError);
  assert(message.startsWith("lab.json: is not valid JSON: "), message);
});

Deno.test("The scenarios in help have no fault, for the program and for the schema", () => {
  const scenarios = NETWORK_STORIES.flatMap(({ file }) => file === undefined ? [] : [file.scenario]);
  assert(scenarios.length > 0);
  for (const scenario of [SCENARIO_EXAMPLE, ...scenarios]) {
    parse(scenario);
    const { valid, errors } = validator.validate(scenario);
    assertEquals([valid, errors], [true, []]);
  }
});

Deno.test("The schema and the program know the same properties", () => {
  assert(validator.validate(EVERYTHING).valid);
  const assertKnown = (properties: object, wrap: (part: unknown) => unknown): void => {
    for (const name of Object.keys(properties)) {
      assert(!faultOf(wrap({ [name]: {} })).includes("there is no such property"), name);
    }
  };
  assertKnown(schema.properties, (scenario) => scenario);
  assertKnown(schema.properties.hosts.items.anyOf[1].properties!, (host) => ({ hosts: [host] }));
  assertKnown(schema.properties.changes.items.properties, (change) => ({ changes: [change] }));
});
