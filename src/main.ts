import { readArguments, splitCommandLine } from "./cli/arguments/command_line.ts";
import { GLOBAL_OPTIONS, optionName } from "./cli/arguments/options.ts";
import { UsageError } from "./cli/arguments/usage_error.ts";
import { type Command, findCommand } from "./cli/command.ts";
import { withSimulated } from "./cli/host.ts";
import { type Environment, processEnvironment } from "./cli/process/environment.ts";
import { reportError } from "./cli/process/errors.ts";
import { EXIT } from "./cli/process/exit_codes.ts";
import { interruptible } from "./cli/process/interrupts.ts";
import { Output, PAINTS } from "./cli/process/output.ts";
import type { HelpLength } from "./cli/program/help.ts";
import { USUAL_COMMANDS } from "./cli/usual_commands.ts";

/**
 * Runs the command that the arguments name, and returns its exit code. Every error becomes a message on stderr. The function
 * never throws, and it does not end the process.
 *
 * @param args The arguments without the program's name.
 */
export async function main(args: readonly string[], environment: Environment): Promise<number> {
  const output = openOutput(args, environment);
  try {
    return await runCommand(args, environment, output);
  } catch (error) {
    return reportError(error, output);
  } finally {
    await output.flushQueues();
  }
}

async function runCommand(
  args: readonly string[],
  environment: Environment,
  output: Output,
): Promise<number> {
  // Before anything else: until then, Windows looks for a DLL that Deno opens by its name beside the executable first.
  environment.system?.libraries.closeDllSearch();
  const { name, rest } = splitCommandLine(args);
  if (name === undefined) return await runWithoutCommand(rest, environment, output);
  const command = USUAL_COMMANDS.find((usual) => usual.name === name) ?? await loadCommand(name);
  const wanted = wantedHelp(rest);
  if (wanted !== undefined) {
    (await onDemand()).writeCommandHelp(output, command, wanted);
    return EXIT.done;
  }
  const { values, operands } = readArguments(rest, { ...command.options, ...GLOBAL_OPTIONS }, command);
  const parsed = { values: withSimulated(values, environment.simulated), operands };
  const run = async (interrupted: AbortSignal): Promise<number> =>
    await command.run({ environment, output, commands: loadCommands, interrupted }, parsed);
  if (command.isService) return await run(new AbortController().signal);
  return await interruptible(environment, command.endsItself ?? false, run);
}

async function runWithoutCommand(
  args: readonly string[],
  environment: Environment,
  output: Output,
): Promise<number> {
  const version = args.find((argument) => argument === "--version" || argument === "-V");
  if (version !== undefined) {
    return await runCommand(["version", ...withoutFirst(args, version)], environment, output);
  }
  if (wantedHelp(args) !== undefined) {
    await writeOverview(output);
    return EXIT.done;
  }
  // A wrong option is reported first: it says more than a missing command.
  readArguments(args, GLOBAL_OPTIONS);
  if (output.json) throw new UsageError("No command is given.", "Run wintun help to see the commands.");
  output.giveStdoutAway();
  await writeOverview(output);
  return EXIT.usage;
}

/** Loads the module that few runs need. No other is loaded while the program runs. */
function onDemand(): Promise<typeof import("./cli/on_demand.ts")> {
  return import("./cli/on_demand.ts");
}

async function loadCommands(): Promise<readonly Command[]> {
  return (await onDemand()).COMMANDS;
}

/** @throws {UsageError} if there is no command with that name. */
async function loadCommand(name: string): Promise<Command> {
  return findCommand(name, await loadCommands());
}

async function writeOverview(output: Output): Promise<void> {
  const { COMMANDS, writeOverview } = await onDemand();
  writeOverview(output, COMMANDS);
}

function withoutFirst(args: readonly string[], argument: string): string[] {
  return args.toSpliced(args.indexOf(argument), 1);
}

/** Returns how much help the arguments ask for, or `undefined` for none: -h is a line for each option, --help is everything. */
function wantedHelp(args: readonly string[]): HelpLength | undefined {
  const given = beforeDashes(args);
  if (given.includes("--help")) return "full";
  return given.includes("-h") ? "short" : undefined;
}

/** Reads the output options before everything else, so that an error in the arguments is written in the form that they ask for. */
function openOutput(args: readonly string[], environment: Environment): Output {
  const { stdout, stderr, noColor } = environment;
  const given = new Set(beforeDashes(args).map((argument) => optionName(argument, GLOBAL_OPTIONS)));
  const isColored = !noColor && !given.has("no-color") && (stdout.isTerminal || stderr.isTerminal);
  return new Output(stdout, stderr, {
    json: given.has("json"),
    quiet: given.has("quiet"),
    verbose: given.has("verbose"),
    paints: isColored ? PAINTS : undefined,
  });
}

/** Returns the arguments before `--`. No argument behind it is an option. */
function beforeDashes(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf("--");
  return dashes < 0 ? args : args.slice(0, dashes);
}

if (import.meta.main) Deno.exit(await main(Deno.args, processEnvironment()));
