/**
 * Validates the JSON of the program by its schemas. Tests read that JSON only through these functions.
 *
 * The schemas accept fields that they do not name, because new ones may be added at any time. Tests must not: a field
 * without a schema is a fault. So they validate by schemas that are closed here.
 */

import { type Schema, Validator } from "@cfworker/json-schema";
import { splitCommandLine } from "../src/cli/arguments/command_line.ts";
import { completeSchema, type JsonSchema } from "../src/cli/json_schemas.ts";

/** A file to whose end each test file writes how many outputs it has validated. */
export const COUNT_VARIABLE = "WINTUN_VALIDATED_OUTPUTS";

/** The names of the schemas that were used, also as parts of others. */
export const usedSchemas = new Set<string>();

const validators = new Map<string, Validator>();
let count = 0;

/** Validates an object that a command wrote, by its own schema or by that of its event. @throws {Error} with the places of what is wrong. */
// deno-lint-ignore no-explicit-any
export function validateOutput(args: readonly string[], object: any): void {
  const name = ["error", "warning", "detail"].find((key) => object[key] !== undefined) ?? schemaOf(args);
  validate(name, object, object.event);
}

/**
 * Validates the lines of JSON that a command wrote to a stream. Other lines can be on stderr: those of Deno, if the program runs in a
 * process of its own.
 */
export function validateLines(args: readonly string[], text: string): void {
  if (!isJson(args)) return;
  for (const line of text.split("\n")) {
    if (line.startsWith("{")) validateOutput(args, JSON.parse(line));
  }
}

/** Reads a line of JSON that a command, such as `driver status`, wrote to either stream, and validates it. */
// deno-lint-ignore no-explicit-any
export function readOutput(command: string, line: string): any {
  const object = JSON.parse(line);
  validateOutput(command.split(" "), object);
  return object;
}

/** Validates a value by a schema, or by its part about an event. @throws {Error} with the places of what is wrong. */
export function validate(name: string, value: unknown, event?: string): void {
  const { errors } = validatorOf(name, event).validate(value);
  if (errors.length > 0) {
    const faults = errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`);
    throw new Error(
      `This is not as the schema ${name} says:\n${JSON.stringify(value)}\n${faults.join("\n")}`,
    );
  }
  if (count++ === 0) addEventListener("unload", () => reportCount(count));
}

/** Writes a number of validated outputs to the file that `COUNT_VARIABLE` names. Does nothing without that variable. */
export function reportCount(count: number): void {
  const file = Deno.env.get(COUNT_VARIABLE);
  if (file !== undefined) Deno.writeTextFileSync(file, `${count}\n`, { append: true });
}

/** Returns the sum of such a file, or 0 if there is none, and removes it. */
export async function takeCount(file: string): Promise<number> {
  const text = await Deno.readTextFile(file).catch(() => "");
  await Deno.remove(file).catch(() => {});
  return text.split("\n").reduce((sum, line) => sum + Number(line), 0);
}

function isJson(args: readonly string[]): boolean {
  const dashes = args.indexOf("--");
  return args.slice(0, dashes < 0 ? undefined : dashes).includes("--json");
}

/** Returns the name of the schema of what a command writes to stdout. */
function schemaOf(args: readonly string[]): string {
  const { name, rest } = splitCommandLine(args);
  if (rest.includes("--help") || rest.includes("-h")) return "help";
  if (name === undefined) return rest.some((word) => /^(-V|--version)$/.test(word)) ? "version" : "help";
  return name === "driver" ? `driver-${rest.find((word) => !word.startsWith("-"))}` : name;
}

function validatorOf(name: string, event: string | undefined): Validator {
  const key = `${name} ${event}`;
  const known = validators.get(key);
  if (known !== undefined) return known;
  const schema = completeSchema(name);
  for (const used of [name, ...Object.keys(schema.$defs ?? {})]) usedSchemas.add(used);
  const chosen = event === undefined ? schema : eventSchema(schema, event);
  const validator = new Validator(closed(chosen) as Schema, "2020-12", false);
  validators.set(key, validator);
  return validator;
}

/** Returns the schema for one of its events, whose faults then have their own places. */
// deno-lint-ignore no-explicit-any
function eventSchema({ oneOf, ...rest }: any, event: string): JsonSchema {
  const part = oneOf.find(({ $ref }: { $ref: string }) =>
    rest.$defs[$ref.slice("#/$defs/".length)].properties.event.const === event
  );
  if (part === undefined) throw new Error(`The schema ${rest.title} has no event ${event}.`);
  return { ...rest, ...part };
}

/** Returns the schema with objects that have no other properties than those that it names. */
function closed(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema);
  // Such a definition is a part of an object, whose other properties it does not know.
  const parts = new Set(
    [...text.matchAll(/"allOf":\[\{"\$ref":"#\/\$defs\/(\w+)"\}\]/g)].map(([, name]) => name),
  );
  return JSON.parse(text, (key, value) => {
    // An object may be null in its place: its type is then a list.
    const isObject = [value?.type].flat().includes("object") && value.properties !== undefined &&
      !parts.has(key);
    return isObject ? { ...value, unevaluatedProperties: false } : value;
  });
}
