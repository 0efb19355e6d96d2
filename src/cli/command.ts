import type { ParsedArguments } from "./arguments/command_line.ts";
import type { GLOBAL_OPTIONS, Options } from "./arguments/options.ts";
import { suggest } from "./arguments/suggest.ts";
import { UsageError } from "./arguments/usage_error.ts";
import type { Environment } from "./process/environment.ts";
import type { ExitCode } from "./process/exit_codes.ts";
import type { Output } from "./process/output.ts";

/** What a command works with. */
export interface Context {
  readonly environment: Environment;
  readonly output: Output;
  /** The commands for people, in the order in which help lists them. */
  readonly commands: readonly Command[];
  /** Aborted when the user asks the command to end, by Ctrl-C and the like. */
  readonly interrupted: AbortSignal;
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

/** What help says of a command, how its arguments are read, and what it does. */
export interface CommandDeclaration<O extends Options = Options> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The rest of the usage line, behind the name: `NAME [options]`. */
  readonly usage: string;
  /** Paragraphs for people. */
  readonly description: readonly string[];
  /** Options of its own; those of `GLOBAL_OPTIONS` come with every command. */
  readonly options: O;
  /** The words that completion offers as operands; absent: none. */
  operandChoices?(context: Context): readonly string[] | Promise<readonly string[]>;
  readonly examples: readonly Example[];
  /** More for help: titled paragraphs. */
  readonly notes?: readonly { readonly title: string; readonly text: readonly string[] }[];
  /** Exit codes that it returns, besides 0, 1, 2 and 130. */
  readonly exitCodes?: readonly ExitCode[];
  /** It ends by itself soon after `Context.interrupted`; a second interrupt does not wait for that. */
  readonly endsItself?: true;
  /** Runs it, and returns the exit code. It never exits; `main` turns its errors into a message and an exit code. */
  run(context: Context, parsed: ParsedArguments<O & typeof GLOBAL_OPTIONS>): number | Promise<number>;
}

/** A command without the types of its options, as `main` and help use it. */
export interface Command extends Omit<CommandDeclaration, "run"> {
  // deno-lint-ignore no-explicit-any
  run(context: Context, parsed: ParsedArguments<any>): number | Promise<number>;
}

/** Returns a declaration as a command. `parsed.values` in `run` gets its types from the options. */
export function defineCommand<const O extends Options>(declaration: CommandDeclaration<O>): Command {
  return declaration;
}

/**
 * Returns the command with that name.
 * @throws {UsageError} when there is none; its hint names the one that was probably meant.
 */
export function findCommand(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const meant = suggest(name, commands.map((command) => command.name));
  throw new UsageError(
    `There is no command "${name}".`,
    meant === undefined ? "Run wintun help for the list." : `Did you mean ${meant}?`,
  );
}
