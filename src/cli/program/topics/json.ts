import { schemaNames, schemaTitle } from "../../json_schemas.ts";
import type { Block, Section } from "../layout.ts";
import { JSON_EXAMPLES, type JsonExample } from "./json_examples.ts";
import type { Topic } from "./topic.ts";

export const json: Topic = {
  name: "json",
  summary: "What the commands write with --json, and its schemas",
  // The schemas are files: they are read for this page only.
  get sections() {
    return describe();
  },
};

function describe(): readonly Section[] {
  return [
    {
      body: [
        "With --json a command writes JSON for programs. Programs can rely on it: fields keep their names and meanings.",
      ],
    },
    {
      title: "Rules",
      body: [
        'A command that succeeds writes one object to stdout. serve and watch write one object a line, each with an "event".',
        'A command that fails writes one object with "error" to stderr. A delete that fails for some of its adapters ' +
        "writes both.",
        'Warnings are objects on stderr with "warning" in the place of "error". With --verbose there are also objects with ' +
        '"detail". A command that succeeds writes them too.',
        "The text is ASCII: all other characters are escaped, so the code page of a console does not matter.",
        '"schema" is 1. The number grows when a field changes its meaning or goes away. New fields may be added at any ' +
        "time, so ignore those that you do not know.",
        "A field that has no value is null. A field is absent only where its schema says so.",
        'Every object that is about a simulated machine has "simulated":true; see wintun help simulate.',
        '64-bit numbers ("luid") are strings of decimal digits.',
      ],
    },
    {
      title: "Schemas",
      body: [
        "wintun help json SCHEMA prints a JSON schema (draft 2020-12), which explains every field. SCHEMA is one of these:",
        { table: schemaNames().map((name) => [name, schemaTitle(name)]) },
        "A schema needs no other file. It accepts fields that it does not name, so the output of a later version passes too. " +
        "scenario and dsc describe what the program reads. They accept no other field, since the program refuses such a field.",
      ],
    },
    ...JSON_EXAMPLES.map(exampleSection),
  ];
}

function exampleSection({ command, note, objects }: JsonExample): Section {
  const code: Block = { code: objects.map(exampleText) };
  return { title: command, body: note === undefined ? [code] : [note, code] };
}

/** Returns an object as text that can be broken after its commas. Only the example of `wintun list` has all fields of an adapter. */
function exampleText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(exampleText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) =>
    `"${name}":${
      name === "adapter" ? "{...}" : name === "adapters" && "event" in value ? "[{...}]" : exampleText(member)
    }`
  );
  return `{${members.join(", ")}}`;
}
