import { optionName, readArguments } from "./cli/args.ts";
import type { Context } from "./cli/command.ts";
import { COMMANDS, findCommand } from "./cli/commands.ts";
import { type Environment, processEnvironment } from "./cli/environment.ts";
import { reportError } from "./cli/errors.ts";
import { EXIT } from "./cli/exit_codes.ts";
import { GLOBAL_OPTIONS } from "./cli/options.ts";
import { Output } from "./cli/output.ts";
import { UsageError } from "./cli/usage_error.ts";

/**
 * Runs the command that `args` (without the program's name) ask for, and returns the exit code.
 * Every error becomes a message on stderr; nothing is thrown, and the process is not ended here.
 */
export async function main(args: readonly string[], environment: Environment): Promise<number> {
  const output = openOutput(args, environment);
  try {
    return await runCommand(args, { environment, output });
  } catch (error) {
    return reportError(error, output);
  }
}

async function runCommand(args: readonly string[], context: Context): Promise<number> {
  const { name, rest } = splitCommand(args);
  if (name === undefined) return await runWithoutCommand(rest, context);
  const command = await findCommand(name).load();
  if (asksForHelp(rest)) {
    const { writeCommandHelp } = await import("./cli/help.ts");
    writeCommandHelp(context.output, command);
    return EXIT.done;
  }
  return await command.run(context, readArguments(rest, { ...command.options, ...GLOBAL_OPTIONS }));
}

/** Options of every command may stand before its name too. */
function splitCommand(args: readonly string[]): { name?: string; rest: readonly string[] } {
  for (let index = 0; index < args.length; index++) {
    const option = optionName(args[index], GLOBAL_OPTIONS);
    if (option === undefined) {
      if (args[index].startsWith("-")) break;
      return { name: args[index], rest: args.toSpliced(index, 1) };
    }
    const hasValueBehind = GLOBAL_OPTIONS[option].kind !== "flag" && !args[index].includes("=");
    if (hasValueBehind) index++;
  }
  return { rest: args };
}

async function runWithoutCommand(args: readonly string[], context: Context): Promise<number> {
  const { values } = readArguments(args.filter((argument) => argument !== "--version"), GLOBAL_OPTIONS);
  if (args.includes("--version")) {
    const version = await findCommand("version").load();
    return await version.run(context, { values, operands: [] });
  }
  if (!values.help) {
    const names = COMMANDS.map((command) => command.name).join(", ");
    throw new UsageError("No command is given.", `Commands: ${names}. Run wintun help to see what they do.`);
  }
  const { writeOverview } = await import("./cli/help.ts");
  writeOverview(context.output);
  return EXIT.done;
}

function asksForHelp(args: readonly string[]): boolean {
  return beforeDashes(args).some((argument) => argument === "--help" || argument === "-h");
}

/** Reads the output options ahead of everything else: an error in the arguments is written in the form they ask for. */
function openOutput(args: readonly string[], environment: Environment): Output {
  const given = new Set(beforeDashes(args).map((argument) => optionName(argument, GLOBAL_OPTIONS)));
  return new Output(environment.stdout, environment.stderr, {
    json: given.has("json"),
    quiet: given.has("quiet"),
    verbose: given.has("verbose"),
    color: !environment.noColor && !given.has("no-color"),
  });
}

/** What follows `--` is no option. */
function beforeDashes(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf("--");
  return dashes < 0 ? args : args.slice(0, dashes);
}

if (import.meta.main) Deno.exit(await main(Deno.args, processEnvironment()));
