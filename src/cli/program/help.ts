import { type Command, defineCommand, findCommand } from "../command.ts";
import { EXIT, EXIT_MEANINGS } from "../process/exit_codes.ts";
import { GLOBAL_OPTIONS, type Option, type Options } from "../arguments/options.ts";
import type { Output, Paint } from "../process/output.ts";
import { UsageError } from "../arguments/usage_error.ts";

/** Columns that help is written for. */
const WIDTH = 88;
const INDENT = "  ";
/** Where the explanation of a command or an exit code starts. */
const TERM_WIDTH = 12;
const OPTION_INDENT = "      ";

export const help: Command = defineCommand({
  name: "help",
  summary: "Explain a command",
  usage: "[COMMAND]",
  description: ["Explains a command, or lists the commands. The same as COMMAND --help."],
  options: {},
  operandChoices: ({ commands }) => commands.map(({ name }) => name),
  examples: [
    { command: "wintun help", does: "List the commands" },
    { command: "wintun help serve", does: "Explain serve: options, examples, exit codes" },
  ],
  run({ output, commands }, { operands }): number {
    if (operands.length > 1) throw new UsageError(`help takes one command, and is given ${operands.length}.`);
    if (operands.length === 0) writeOverview(output, commands);
    else writeCommandHelp(output, findCommand(operands[0], commands));
    return EXIT.done;
  },
});

/** What the program is, and its commands. */
export function writeOverview(output: Output, commands: readonly Command[]): void {
  const heading = output.paint("bold");
  if (output.json) {
    output.resultJson({ commands: commands.map(({ name, summary }) => ({ name, summary })) });
    return;
  }
  writeLines(output, [
    "Make and serve Wintun network adapters from the command line.",
    "",
    heading("Usage"),
    `${INDENT}wintun COMMAND [options]`,
    "",
    heading("Commands"),
    ...commands.map(({ name, summary }) => `${INDENT}${name.padEnd(TERM_WIDTH)}${summary}`),
    "",
    heading("Options of every command"),
    ...optionLines(GLOBAL_OPTIONS),
    "",
    heading("Try it"),
    `${INDENT}wintun serve demo --simulate --count 4 --log-packets`,
    ...fill("No driver and no administrator needed: a simulated adapter answers four pings.", OPTION_INDENT),
    "",
    "Run wintun help COMMAND for options with units and defaults, examples and exit codes.",
  ]);
}

/** Everything about one command. */
export function writeCommandHelp(output: Output, command: Command): void {
  const heading = output.paint("bold");
  if (output.json) {
    output.resultJson({ command: describeCommand(command) });
    return;
  }
  writeLines(output, [
    heading("Usage"),
    `${INDENT}wintun ${command.name} ${command.usage}`,
    "",
    ...command.description.flatMap((paragraph) => [...fill(paragraph, ""), ""]),
    ...optionsSection("Options", command.options, heading),
    ...optionsSection("Options of every command", GLOBAL_OPTIONS, heading),
    ...(command.notes ?? []).flatMap(({ title, text }) => [
      heading(title),
      ...text.flatMap((paragraph) => fill(paragraph, INDENT)),
      "",
    ]),
    heading("Examples"),
    ...command.examples.flatMap((
      { command, does },
    ) => [`${INDENT}${command}`, ...fill(`${does}.`, OPTION_INDENT)]),
    "",
    heading("Exit codes"),
    ...exitCodesOf(command).map((code) => `${INDENT}${String(code).padEnd(5)}${EXIT_MEANINGS[code]}`),
  ]);
}

function describeCommand(command: Command): Record<string, unknown> {
  const options: Options = { ...command.options, ...GLOBAL_OPTIONS };
  return {
    name: command.name,
    usage: `wintun ${command.name} ${command.usage}`,
    options: Object.entries(options).map(([name, option]) => ({
      name: `--${name}`,
      value: option.kind === "flag" ? null : option.placeholder,
      repeatable: option.kind === "repeated",
      help: option.help,
    })),
    exitCodes: exitCodesOf(command).map((code) => ({ code, meaning: EXIT_MEANINGS[code] })),
  };
}

function exitCodesOf(command: Command): number[] {
  return [EXIT.done, EXIT.failed, EXIT.usage, ...command.exitCodes ?? [], EXIT.interrupted];
}

function optionsSection(title: string, options: Options, heading: Paint): string[] {
  if (Object.keys(options).length === 0) return [];
  return [heading(title), ...optionLines(options), ""];
}

function optionLines(options: Options): string[] {
  return Object.entries(options).flatMap(([name, option]) => [
    `${INDENT}${spelling(name, option)}`,
    ...fill(option.help, OPTION_INDENT),
  ]);
}

function spelling(name: string, option: Option): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  if (option.kind === "flag") return `${short}--${name}`;
  return `${short}--${name} ${option.placeholder}${option.kind === "repeated" ? "  (repeatable)" : ""}`;
}

/** Breaks a paragraph into lines of at most `WIDTH` columns. */
function fill(paragraph: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of paragraph.split(" ")) {
    if (line !== indent && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}

function writeLines(output: Output, lines: readonly string[]): void {
  // In one piece: a write is a system call.
  output.result(lines.join("\n"));
}
