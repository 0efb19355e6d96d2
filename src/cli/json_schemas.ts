import { SCHEMA } from "./process/output.ts";

/**
 * The folder of the schemas. They are files, read when they are asked for: in the program's code they would cost time at every
 * start.
 */
const FOLDER = new URL("../schemas/", import.meta.url);
const FILE_END = ".schema.json";

/** A JSON schema (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A file of src/schemas/. It may refer to its own definitions (`#/$defs/route`) and to other files (`adapter.schema.json`). */
interface SchemaFile extends JsonSchema {
  readonly $schema: string;
  readonly title: string;
  readonly $defs?: JsonSchema;
}

/** Returns the names of all schemas, sorted. */
export function schemaNames(): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name.slice(0, -FILE_END.length)).sort();
}

/** Returns what a schema describes, in a few words. */
export function schemaTitle(name: string): string {
  return readSchema(name).schema.title;
}

/** Returns a schema that needs no other file: everything that it refers to is in its `$defs`. */
export function completeSchema(name: string): JsonSchema {
  const definitions = new Map<string, unknown>();
  const taken = new Set<string>();
  const take = (name: string): SchemaFile => {
    taken.add(name);
    const { schema, others } = readSchema(name);
    for (const [key, definition] of Object.entries(schema.$defs ?? {})) definitions.set(key, definition);
    for (const other of others) {
      if (taken.has(other)) continue;
      const { $schema: _draft, $defs: _taken, ...definition } = take(other);
      definitions.set(other, definition);
    }
    return schema;
  };
  const { $schema, $defs: _taken, ...root } = take(name);
  const $defs = definitions.size === 0 ? {} : { $defs: Object.fromEntries(definitions) };
  return { $schema, $id: `urn:wintun:schema:${SCHEMA}:${name}`, ...root, ...$defs };
}

/** Reads a schema. References to other schemas become references to definitions. Returns the names of these schemas, too. */
function readSchema(name: string): { readonly schema: SchemaFile; readonly others: ReadonlySet<string> } {
  const others = new Set<string>();
  const text = Deno.readTextFileSync(new URL(name + FILE_END, FOLDER));
  const schema = JSON.parse(text, (key, value) => {
    if (key !== "$ref" || !value.endsWith(FILE_END)) return value;
    const other = value.slice(0, -FILE_END.length);
    others.add(other);
    return `#/$defs/${other}`;
  });
  return { schema, others };
}
