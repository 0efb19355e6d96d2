import { splitCommandLine } from "../arguments/command_line.ts";
import { GLOBAL_OPTIONS, optionName, type Options, takesNextArgument } from "../arguments/options.ts";
import { type Choice, type Command, type Context, defineCommand } from "../command.ts";
import { EXIT } from "../process/exit_codes.ts";
import { printable } from "../process/printable.ts";
import { shortHelp } from "./pages.ts";

/** A word that can follow, and its kind, by which shells show it. */
interface Candidate extends Choice {
  /** `value` is an operand, such as the name of an adapter, or the value of an option. */
  readonly kind: "command" | "option" | "value";
}

/** The command that the completion scripts of all shells call. */
export const complete: Command = defineCommand({
  name: "complete",
  summary: "Print the words that can follow on a command line; called by the scripts of completions",
  usage: "-- [WORD...]",
  description: [
    "Prints the words that can follow the given words on a command line, one a line. The shell offers those that begin with " +
    "the text that is typed already. Adapters whose names have control characters are left out. --json adds what each word is.",
  ],
  options: {},
  examples: [{ command: "wintun complete -- serve lab --echo", does: "Print the values of serve --echo" }],
  async run(context, { operands }): Promise<number> {
    const { output } = context;
    const candidates = (await candidatesAfter(operands, context)).filter(({ text }) =>
      text === printable(text)
    );
    if (output.json) output.resultJson({ candidates });
    else for (const { text } of candidates) output.result(text);
    return EXIT.done;
  },
});

async function candidatesAfter(words: readonly string[], context: Context): Promise<readonly Candidate[]> {
  const given = withoutEqualsSigns(words);
  const { name, rest } = splitCommandLine(given);
  const commands = await context.commands();
  const command = commands.find((one) => one.name === name);
  if (name !== undefined && command === undefined) return [];
  const options: Options = { ...command?.options, ...GLOBAL_OPTIONS };
  const last = given.at(-1) ?? "";
  const option = options[optionName(last, options) ?? ""];
  if (option !== undefined && takesNextArgument(option) && !last.includes("=")) {
    return option.choices.map((text) => ({ text, kind: "value", help: `${option.placeholder} of ${last}` }));
  }
  const operands: readonly Candidate[] = command === undefined
    ? commands.map((one) => ({ text: one.name, kind: "command", help: one.summary }))
    : (await operandsOf(command, context, rest)).map((choice) => ({ ...choice, kind: "value" }));
  if (given.includes("--")) return operands;
  return [
    ...operands,
    ...Object.entries(options).map(([one, described]): Candidate => ({
      text: `--${one}`,
      kind: "option",
      help: shortHelp(described),
    })),
  ];
}

/** Puts together what bash passes as words of its own: `--echo`, `=`, `none`. An equals sign at the end is left out. */
function withoutEqualsSigns(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    if (word === "=" && index > 0 || words[index - 1] === "=" && index > 1) return [];
    const isSplit = words[index + 1] === "=" && index + 2 < words.length;
    return [isSplit ? `${word}=${words[index + 2]}` : word];
  });
}

/** Returns the operands that completion offers. Returns none if they cannot be read, for example on another operating system. */
async function operandsOf(
  command: Command,
  context: Context,
  given: readonly string[],
): Promise<readonly Choice[]> {
  try {
    return await command.operandChoices?.(context, given) ?? [];
  } catch (error) {
    context.output.detail(error instanceof Error ? error.message : String(error));
    return [];
  }
}
