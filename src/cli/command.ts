import type { ParsedArguments } from "./arguments/command_line.ts";
import type { Environment } from "./process/environment.ts";
import type { GLOBAL_OPTIONS, Options } from "./arguments/options.ts";
import type { Output } from "./process/output.ts";

/** What a command works with: its surroundings, and the only way to write. */
export interface Context {
  readonly environment: Environment;
  readonly output: Output;
  /** Aborted when the user asks the command to end, by Ctrl-C and the like. */
  readonly interrupted: AbortSignal;
}

export interface Example {
  readonly command: string;
  readonly does: string;
}

/** What help says of a command, and how its arguments are read. Static: loading it opens and computes nothing. */
export interface CommandDeclaration<O extends Options = Options> {
  readonly name: string;
  /** What follows the name: `NAME [options]`. */
  readonly usage: string;
  /** Paragraphs for people. */
  readonly description: readonly string[];
  /** Options of its own; those of `GLOBAL_OPTIONS` come with every command. */
  readonly options: O;
  readonly examples: readonly Example[];
  /** What else help has to say of it: titled paragraphs. */
  readonly notes?: readonly { readonly title: string; readonly text: readonly string[] }[];
  /** Exit codes that it gives, beside 0, 1, 2 and 130. */
  readonly exitCodes?: readonly number[];
  /** It comes to its own end after `Context.interrupted`, which only a second interrupt cuts short. */
  readonly endsItself?: true;
  /**
   * Does it, and returns the exit code. Never exits; an error that it throws becomes a message and an exit code in `main`.
   * Imports what it needs beyond its declaration here, so that help stays quick.
   */
  run(context: Context, parsed: ParsedArguments<O & typeof GLOBAL_OPTIONS>): Promise<number>;
}

/** A command with its option types forgotten: what `main` and help work with. */
export interface Command extends Omit<CommandDeclaration, "run"> {
  // deno-lint-ignore no-explicit-any
  run(context: Context, parsed: ParsedArguments<any>): Promise<number>;
}

/** Checks a declaration's types, so that `parsed.values` in `run` has those of the options. */
export function defineCommand<const O extends Options>(declaration: CommandDeclaration<O>): Command {
  return declaration;
}
