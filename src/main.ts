import { loadCommand } from "./cli/commands.ts";
import { type Environment, processEnvironment } from "./cli/process/environment.ts";
import { EXIT } from "./cli/process/exit_codes.ts";
import { GLOBAL_OPTIONS, optionName } from "./cli/arguments/options.ts";
import { Output } from "./cli/process/output.ts";

// What a run may not need (argument reading, help, colours, error reports, every command) is imported where it is used,
// so that short commands are quick.

/**
 * Runs the command that `args` (without the program's name) ask for, and returns the exit code.
 * Every error becomes a message on stderr; nothing is thrown, and the process is not ended here.
 */
export async function main(args: readonly string[], environment: Environment): Promise<number> {
  const output = await openOutput(args, environment);
  try {
    return await runCommand(args, environment, output);
  } catch (error) {
    const { reportError } = await import("./cli/process/errors.ts");
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
  const { name, rest } = splitCommand(args);
  if (name === undefined) return await runWithoutCommand(rest, environment, output);
  const command = await loadCommand(name);
  if (asksForHelp(rest)) {
    const { writeCommandHelp } = await import("./cli/program/help.ts");
    writeCommandHelp(output, command);
    return EXIT.done;
  }
  const { readArguments } = await import("./cli/arguments/command_line.ts");
  const parsed = readArguments(rest, { ...command.options, ...GLOBAL_OPTIONS });
  const { interruptible } = await import("./cli/process/interrupts.ts");
  return await interruptible(
    environment,
    command.endsItself ?? false,
    (interrupted) => command.run({ environment, output, interrupted }, parsed),
  );
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

async function runWithoutCommand(
  args: readonly string[],
  environment: Environment,
  output: Output,
): Promise<number> {
  if (args.includes("--version")) {
    return await runCommand(["version", ...withoutFirst(args, "--version")], environment, output);
  }
  if (asksForHelp(args)) {
    const { writeOverview } = await import("./cli/program/help.ts");
    writeOverview(output);
    return EXIT.done;
  }
  const { readArguments } = await import("./cli/arguments/command_line.ts");
  const { UsageError } = await import("./cli/arguments/usage_error.ts");
  // An option that is wrong is the better reason.
  readArguments(args, GLOBAL_OPTIONS);
  throw new UsageError("No command is given.", "Run wintun help to see the commands.");
}

function withoutFirst(args: readonly string[], argument: string): string[] {
  return args.toSpliced(args.indexOf(argument), 1);
}

function asksForHelp(args: readonly string[]): boolean {
  return beforeDashes(args).some((argument) => argument === "--help" || argument === "-h");
}

/** Reads the output options ahead of everything else: an error in the arguments is written in the form they ask for. */
async function openOutput(args: readonly string[], environment: Environment): Promise<Output> {
  const { stdout, stderr, noColor } = environment;
  const given = new Set(beforeDashes(args).map((argument) => optionName(argument, GLOBAL_OPTIONS)));
  const isColored = !noColor && !given.has("no-color") && (stdout.isTerminal || stderr.isTerminal);
  return new Output(stdout, stderr, {
    json: given.has("json"),
    quiet: given.has("quiet"),
    verbose: given.has("verbose"),
    paints: isColored ? (await import("./cli/process/paints.ts")).PAINTS : undefined,
  });
}

/** What follows `--` is no option. */
function beforeDashes(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf("--");
  return dashes < 0 ? args : args.slice(0, dashes);
}

if (import.meta.main) Deno.exit(await main(Deno.args, processEnvironment()));
