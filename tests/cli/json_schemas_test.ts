import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Schema, Validator } from "@cfworker/json-schema";
import { COMMANDS } from "../../src/cli/commands.ts";
import { completeSchema, schemaNames } from "../../src/cli/json_schemas.ts";
import { SCENARIO_EXAMPLE } from "../../src/cli/program/topics/scenario.ts";
import { INTERNAL_COMMANDS } from "../../src/cli/usual_commands.ts";
import { encodeMessage } from "../../src/keeper/report.ts";
import { encodeOrder } from "../../src/tun/adapter_order.ts";
import { usedSchemas, validate } from "../validation.ts";
import { machineTest } from "./machine.ts";

const GUID = "deadbabe-cafe-beef-0123-456789abcdef";

/** Command lines that together use every schema, and their exit codes. */
const LINES: readonly (readonly [line: string, code: number])[] = [
  ["create lab --verbose", 0],
  ["list", 0],
  ["set lab --mtu 1400", 0],
  ["watch --duration 0.05", 0],
  ["stop lab", 0],
  ["driver status", 0],
  ["doctor", 0],
  ["delete lab", 0],
  ["delete lab", 4],
  ["driver uninstall", 0],
  ["serve demo --simulate --address 10.6.7.7/24 --hosts 10.6.7.8 --ping 10.6.7.7 --stats 1 --count 1", 0],
  ["serve demo --simulate --address 10.6.7.7/32 --duration 0.1", 0],
  ["simulate", 0],
  ["completions bash", 0],
  ["complete", 0],
  ["version", 0],
  ["help", 0],
];

machineTest("Every command has a schema, and every schema is used", async (machine) => {
  const commands = [...COMMANDS, ...INTERNAL_COMMANDS].map(({ name }) => name);
  const ran = new Set(LINES.map(([line]) => line.split(" ")[0]));
  // service writes no output: it reports to the command that started it. Other tests validate the states of dsc.
  assertEquals(commands.filter((name) => !ran.has(name)), ["service", "dsc"]);
  for (const [line, code] of LINES) {
    assertEquals(await machine.run(...line.split(" "), "--json"), code, line);
  }
  validate("scenario", SCENARIO_EXAMPLE);
  validate("dsc", { name: "lab" });
  const request = { name: "lab", type: "Wintun", guid: GUID };
  validate("order", JSON.parse(encodeOrder({ request, settings: {}, removeLegacy: false })));
  validate("report", JSON.parse(encodeMessage({ type: "log", level: "info", message: "x" })));
  assertEquals(schemaNames().filter((name) => !usedSchemas.has(name)), []);
});

for (const name of schemaNames()) {
  Deno.test(`The schema ${name} needs no other file, and has a version, a title and plain text`, () => {
    const schema = completeSchema(name);
    const text = JSON.stringify(schema);
    assertEquals([schema.$id, typeof schema.title], [`urn:wintun:schema:1:${name}`, "string"]);
    const known = Object.keys(schema.$defs ?? {}).map((definition) => `#/$defs/${definition}`);
    for (const [, reference] of text.matchAll(/"\$ref":"([^"]*)"/g)) {
      assert(known.includes(reference), `there is no ${reference}`);
    }
    assertEquals(text.match(/[^\x20-\x7e]/g), null);
  });
}

Deno.test("No two definitions of the schemas have the same name", () => {
  const folder = new URL("../../src/schemas/", import.meta.url);
  const names = schemaNames().filter((name) => name !== "scenario").flatMap((name) => {
    const { $defs = {} } = JSON.parse(Deno.readTextFileSync(new URL(`${name}.schema.json`, folder)));
    return [name, ...Object.keys($defs)];
  });
  assertEquals(names.filter((name, index) => names.indexOf(name) !== index), []);
});

Deno.test("A field that no schema names passes a user's validation, and fails the tests", () => {
  const later = { schema: 1, loaded: false, version: null, new: 7 };
  const ofUsers = new Validator(completeSchema("driver-status") as Schema, "2020-12");
  assert(ofUsers.validate(later).valid);
  assert(!ofUsers.validate({ ...later, version: 7 }).valid);
  assertThrows(() => validate("driver-status", later), Error, "/new");
  // Also in an object that may be null.
  const selfTest = {
    createMs: null,
    settings: null,
    pings: { ipv4: null, ipv6: null },
    echo: null,
    removeMs: null,
  };
  const adapter = { name: "lab", guid: GUID, new: 7 };
  const tested = { schema: 1, result: "ok", findings: [], selfTest: { ...selfTest, adapter } };
  assertThrows(() => validate("doctor", tested), Error, "/new");
});
