import { runKeeperProcess } from "../../keeper/keeper_process.ts";
import { KEEPER_COMMAND } from "../../keeper/launch.ts";
import { MOVED_OPERAND } from "../../keeper/leave_job.ts";
import { type Command, defineCommand } from "../command.ts";
import { EXIT } from "../process/exit_codes.ts";
import { UsageError } from "../arguments/usage_error.ts";

/** The command that `create` starts as the process that holds an adapter. */
export const keeper: Command = defineCommand({
  name: KEEPER_COMMAND,
  summary: "Hold an adapter; started by create",
  usage: "",
  description: [
    "Holds an adapter. wintun create starts it and writes its order to its standard input.",
  ],
  options: {},
  examples: [],
  endsItself: true,
  async run({ environment, interrupted }, { operands }): Promise<number> {
    const hasMoved = operands.join() === MOVED_OPERAND;
    if (operands.length > 0 && !hasMoved) throw new UsageError("keeper takes no operand.");
    const wentWell = await runKeeperProcess({ environment, interrupted, hasMoved });
    return wentWell ? EXIT.done : EXIT.failed;
  },
});
