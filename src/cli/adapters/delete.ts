import { type Command, defineCommand } from "../command.ts";
import { SIMULATE_OPTION } from "../host.ts";
import { flag, single } from "../arguments/options.ts";
import { secondsReader } from "../arguments/values.ts";

const MAX_SECONDS = 3600;

export const DELETE_OPTIONS = {
  all: flag(
    "Delete all adapters that wintun create has made, and what is left of such. Never those of others.",
  ),
  "ignore-missing": flag("An adapter that is not there is no error."),
  force: flag("Remove the device even if another program holds it, whose connection then breaks."),
  timeout: single(
    "SECONDS",
    secondsReader(MAX_SECONDS),
    `How long the process that holds an adapter may take to let go of it, at most ${MAX_SECONDS}. Default: 30.`,
  ),
  ...SIMULATE_OPTION,
} as const;

export const deleteCommand: Command = defineCommand({
  name: "delete",
  usage: "NAME|GUID... [options]",
  description: [
    "Removes adapters that this program made: asks the process that holds each one to let go of it, and waits until it " +
    "is gone. A wintun serve that made its adapter itself ends by this.",
    "An adapter that another program holds is refused, unless --force is given.",
    "Of several adapters each is tried. If some fail, the first one's reason is the error and its exit code that of all; " +
    "the others' are warnings, and what was deleted is told on stdout as ever.",
  ],
  options: DELETE_OPTIONS,
  examples: [
    { command: "wintun delete lab", does: "Remove an adapter" },
    { command: "wintun delete lab --ignore-missing", does: "The same in a script that may run twice" },
    { command: "wintun delete --all", does: "Remove all that wintun create has made" },
  ],
  exitCodes: [3, 4, 7, 9],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    const { runDelete } = await import("./delete_run.ts");
    return await runDelete(context, values, operands);
  },
});
