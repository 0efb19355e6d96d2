import type { ParsedArguments } from "./arguments/command_line.ts";
import type { GLOBAL_OPTIONS, OptionGroup, Options } from "./arguments/options.ts";
import { suggest } from "./arguments/suggest.ts";
import { UsageError } from "./arguments/usage_error.ts";
import type { Environment } from "./process/environment.ts";
import type { ExitCode } from "./process/exit_codes.ts";
import type { Output } from "./process/output.ts";

/** Everything that a command needs while it runs. */
export interface Context {
  readonly environment: Environment;
  readonly output: Output;
  /** Loads the commands for people, in the order in which help lists them. */
  commands(): Promise<readonly Command[]>;
  /** Aborted when the user asks the command to end, for example with Ctrl-C. The reason is the name of the signal. */
  readonly interrupted: AbortSignal;
}

/** A command line that help shows. */
export interface Example {
  readonly command: string;
  /** The effect of the command, as a sentence without a full stop. */
  readonly does: string;
}

/** A word that completion offers. */
export interface Choice {
  readonly text: string;
  /** What the word means, in a few words without a full stop. Shells show it beside the word. */
  readonly help: string;
}

/** A command: its help, its options and its function. */
export interface CommandDeclaration<O extends Options = Options> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The rest of the usage line after the name: `NAME [options]`. */
  readonly usage: string;
  /** The first paragraphs of its help. */
  readonly description: readonly string[];
  /** The options of this command. Every command also has those of `GLOBAL_OPTIONS`. */
  readonly options: O;
  /** The same options in groups, for help. Absent: they are one group. */
  readonly optionGroups?: readonly OptionGroup[];
  /**
   * Returns what completion offers as operands. Absent: it offers nothing.
   * @param given The words behind the command, options too.
   */
  operandChoices?(context: Context, given: readonly string[]): readonly Choice[] | Promise<readonly Choice[]>;
  readonly examples: readonly Example[];
  /** More sections of its help. */
  readonly notes?: readonly { readonly title: string; readonly text: readonly string[] }[];
  /** The exit codes that the command returns besides 0, 1, 2 and 130. */
  readonly exitCodes?: readonly ExitCode[];
  /** Set if the command ends by itself soon after `Context.interrupted` is aborted. A second interrupt ends it at once. */
  readonly endsItself?: true;
  /**
   * Set if Windows runs the command as a service. It does not listen for interrupts: a service that did would be ended at the
   * log-off of any user.
   */
  readonly isService?: true;
  /**
   * Runs the command and returns its exit code. It may throw any error, which `main` turns into a message and an exit code. It
   * never ends the process.
   */
  run(context: Context, parsed: ParsedArguments<O & typeof GLOBAL_OPTIONS>): number | Promise<number>;
}

/** A command without the types of its options, as `main` and help use it. */
export interface Command extends Omit<CommandDeclaration, "run"> {
  // deno-lint-ignore no-explicit-any
  run(context: Context, parsed: ParsedArguments<any>): number | Promise<number>;
}

/** Returns a declaration as a command. The options give `parsed.values` in `run` its types. */
export function defineCommand<const O extends Options>(declaration: CommandDeclaration<O>): Command {
  return declaration;
}

/** Names that other programs have for a command. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["add", "create"],
  ["new", "create"],
  ["remove", "delete"],
  ["rm", "delete"],
  ["ls", "list"],
  ["show", "list"],
  ["status", "list"],
  ["rename", "set"],
  ["start", "serve"],
  ["monitor", "watch"],
]);

/**
 * Returns the command with that name.
 * @throws {UsageError} if there is none. Its hint names the command that was probably meant.
 */
export function findCommand(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const meant = OTHER_NAMES.get(name.toLowerCase()) ?? suggest(name, commands.map((command) => command.name));
  throw new UsageError(
    `There is no command "${name}".`,
    meant === undefined ? "Run wintun help for the list." : `Did you mean ${meant}?`,
  );
}
