import { readArguments } from "../arguments/command_line.ts";
import { GLOBAL_OPTIONS } from "../arguments/options.ts";
import type { Command, Context } from "../command.ts";
import { withSimulated } from "../host.ts";
import type { Stream } from "../process/environment.ts";
import { Output } from "../process/output.ts";

/** What a command writes with `--json`. */
export type Answer = Readonly<Record<string, unknown>>;

/**
 * Runs a command with `--json` in this process, and returns the object that it writes. DSC receives its warnings.
 * @throws as the command does.
 */
export async function ask(
  context: Context,
  command: Command,
  args: readonly string[],
): Promise<Answer> {
  let text = "";
  const stdout = streamTo(context, (part) => text += part);
  const stderr = streamTo(context, (line) => {
    const { warning } = JSON.parse(line);
    if (warning !== undefined) context.output.trace("warn", warning.message);
  });
  const { values, operands } = readArguments(args, { ...command.options, ...GLOBAL_OPTIONS }, command);
  const parsed = { values: withSimulated(values, context.environment.simulated), operands };
  const output = new Output(stdout, stderr, { json: true, quiet: false, verbose: false });
  await command.run({ ...context, output }, parsed);
  return JSON.parse(text);
}

/** Returns a stream whose text goes to `write`, one line at a time. */
function streamTo({ environment }: Context, write: (text: string) => void): Stream {
  return {
    isTerminal: false,
    write,
    writeLater: (text) => Promise.resolve(write(text)),
    writeBytes: (bytes) => environment.stdout.writeBytes(bytes),
    columns: () => environment.stdout.columns(),
    rows: () => environment.stdout.rows(),
  };
}
