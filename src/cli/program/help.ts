import { nearest } from "../arguments/suggest.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { GLOBAL_OPTIONS, type Options, valueForm } from "../arguments/options.ts";
import { type Command, defineCommand } from "../command.ts";
import { completeSchema, schemaNames, schemaTitle } from "../json_schemas.ts";
import { EXIT, EXIT_MEANINGS } from "../process/exit_codes.ts";
import { USUAL_COLUMNS } from "../process/environment.ts";
import type { Output } from "../process/output.ts";
import { CONVERGENCE_SCRIPTS } from "./convergence_scripts.ts";
import { pageLines, pageWidth, type Section } from "./layout.ts";
import { commandPage, exitCodesOf, type Listed, overviewPage, shortCommandPage } from "./pages.ts";
import { TOPICS } from "./topics.ts";
import { convergence } from "./topics/convergence.ts";
import { json } from "./topics/json.ts";
import type { Topic } from "./topics/topic.ts";

export const help: Command = defineCommand({
  name: "help",
  summary: "Explain a command or a topic",
  usage: "[COMMAND|TOPIC [SCHEMA|SHELL]]",
  description: [
    "Explains a command or a topic. Without a name it lists the commands and the topics.",
    "help json SCHEMA prints the JSON schema of what a command writes. help convergence SHELL prints a script, for powershell or " +
    "bash.",
    "COMMAND --help prints the same as help COMMAND. COMMAND -h prints one line for each option.",
    "Lines are as wide as the terminal, but at least 40 and at most 100 columns; 80 if the output is no terminal.",
  ],
  options: {},
  operandChoices: async ({ commands }, [first]) =>
    first === json.name
      ? schemaNames().map((name) => ({ text: name, help: schemaTitle(name) }))
      : first === convergence.name
      ? Object.keys(CONVERGENCE_SCRIPTS).map((shell) => ({
        text: shell,
        help: `Print the script for ${shell}`,
      }))
      : [...await commands(), ...TOPICS].map(({ name, summary }) => ({ text: name, help: summary })),
  examples: [
    { command: "wintun help", does: "List the commands and topics" },
    { command: "wintun help serve", does: "Explain serve: options, examples, exit codes" },
    { command: "wintun help exit-codes", does: "Explain the exit codes" },
    { command: "wintun help convergence bash", does: "Print the script that makes adapters as a file says" },
    { command: "wintun help json create", does: "Print the JSON schema of the output of create" },
  ],
  async run({ output, commands }, { operands }): Promise<number> {
    const [name, part, ...more] = operands;
    const hasPart = part !== undefined && more.length === 0;
    if (hasPart && name === json.name) writeSchema(output, part);
    else if (hasPart && name === convergence.name) writeScript(output, part);
    else if (operands.length > 1) {
      throw new UsageError(`help takes one name, but ${operands.length} are given.`);
    } else if (name === undefined) writeOverview(output, await commands());
    else explain(name, await commands(), output);
    return EXIT.done;
  },
});

/** Writes the overview: the commands, the topics and the options of every command. */
export function writeOverview(output: Output, commands: readonly Command[]): void {
  const listed = ({ name, summary }: Listed): Listed => ({ name, summary });
  if (output.json) {
    output.resultJson({ commands: commands.map(listed), topics: TOPICS.map(listed) });
  } else {
    writePage(output, overviewPage(commands, TOPICS));
  }
}

/** The length of the help of a command: everything, or one line for each option. */
export type HelpLength = "full" | "short";

/** Writes the help of one command. */
export function writeCommandHelp(output: Output, command: Command, length: HelpLength): void {
  if (output.json) output.resultJson({ command: describeCommand(command) });
  else writePage(output, length === "full" ? commandPage(command) : shortCommandPage(command));
}

function explain(name: string, commands: readonly Command[], output: Output): void {
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return writeCommandHelp(output, command, "full");
  const topic = TOPICS.find((one) => one.name === name);
  if (topic !== undefined) return writeTopic(output, topic);
  const known = [...commands, ...TOPICS].map((one) => one.name);
  throw unknownName("command or topic", name, known, "wintun help");
}

/** @param list The command that lists the known names. */
function unknownName(kind: string, name: string, known: readonly string[], list: string): UsageError {
  const near = nearest(name, known);
  return new UsageError(
    `There is no ${kind} "${name}".`,
    near.length === 0 ? `Run ${list} for the list.` : `Did you mean ${near.join(" or ")}?`,
  );
}

function writeSchema(output: Output, name: string): void {
  const known = schemaNames();
  if (!known.includes(name)) throw unknownName("schema", name, known, "wintun help json");
  const jsonSchema = completeSchema(name);
  if (output.json) output.resultJson({ jsonSchema });
  else output.result(JSON.stringify(jsonSchema, null, 2));
}

function writeScript(output: Output, shell: string): void {
  const known = Object.keys(CONVERGENCE_SCRIPTS);
  if (!known.includes(shell)) throw unknownName("script", shell, known, "wintun help convergence");
  const script = CONVERGENCE_SCRIPTS[shell].trimEnd();
  if (output.json) output.resultJson({ shell, script });
  else output.result(script);
}

function writeTopic(output: Output, { name, summary, sections }: Topic): void {
  if (!output.json) return writePage(output, sections);
  const text = pageLines(sections, pageWidth(USUAL_COLUMNS), (title) => title).join("\n");
  output.resultJson({ topic: { name, summary, text } });
}

function writePage(output: Output, sections: readonly Section[]): void {
  // One write for the whole page, because each write is a system call.
  output.result(pageLines(sections, pageWidth(output.size.columns), output.paint("bold")).join("\n"));
}

function describeCommand(command: Command): Record<string, unknown> {
  const options: Options = { ...command.options, ...GLOBAL_OPTIONS };
  return {
    name: command.name,
    usage: `wintun ${command.name} ${command.usage}`,
    options: Object.entries(options).map(([name, option]) => ({
      name: `--${name}`,
      value: valueForm(option).trim() || null,
      repeatable: option.kind === "repeated",
      help: option.help,
    })),
    exitCodes: exitCodesOf(command).map((code) => ({ code, meaning: EXIT_MEANINGS[code] })),
  };
}
