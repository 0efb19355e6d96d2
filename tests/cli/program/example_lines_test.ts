/** The command lines that help and README show. */

import { assert } from "@std/assert";
import { readArguments, splitCommandLine } from "../../../src/cli/arguments/command_line.ts";
import { GLOBAL_OPTIONS } from "../../../src/cli/arguments/options.ts";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { TOPICS } from "../../../src/cli/program/topics.ts";
import { wordsOf } from "../../words_of.ts";

const readme = await Deno.readTextFile(new URL("../../../README.md", import.meta.url));

/** The command lines in a part of a page. */
function commandLines(part: unknown): string[] {
  if (typeof part === "string") return part.startsWith("wintun ") ? [part] : [];
  if (typeof part !== "object" || part === null) return [];
  return Object.values(part).flatMap(commandLines);
}

const inHelp = [
  ...COMMANDS.flatMap(({ examples }) => examples.map(({ command }) => command)),
  ...TOPICS.flatMap(({ sections }) =>
    sections.flatMap(({ body }) =>
      body.flatMap((block) =>
        typeof block === "string"
          ? []
          : commandLines("terms" in block ? block.terms.map(([term]) => term) : block)
      )
    )
  ),
];
const inReadme = Array.from(
  readme.matchAll(/`(wintun [^`]+)`|^[>$] (wintun .+)$|^ +(wintun .+)$/gm),
  (found) => found.slice(1).find((line) => line !== undefined)!,
);

Deno.test("lines in help have quotation marks around a value with commas, which PowerShell would take for several", () => {
  assert(inHelp.some((line) => line.includes(",")));
  for (const line of inHelp) assert(!line.replace(/"[^"]*"/g, "").includes(","), line);
});

for (const [where, lines, least] of [["help", inHelp, 60], ["README", inReadme, 30]] as const) {
  Deno.test(`every line of wintun in ${where} has a command and options that there are, with values that they take`, () => {
    assert(lines.length >= least, `${lines.length}`);
    for (const line of lines) {
      // What is around the command, such as a pipe, is for the shell.
      const [, words] = /wintun ([^|>)]*)/.exec(line)!;
      const { name, rest } = splitCommandLine(wordsOf(words));
      const command = COMMANDS.find((one) => one.name === name);
      assert(command !== undefined, line);
      readArguments(rest, { ...command.options, ...GLOBAL_OPTIONS }, command);
    }
  });
}
