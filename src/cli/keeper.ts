import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { UsageError } from "./usage_error.ts";

/** How `create` starts the process that holds an adapter. */
export const keeper: Command = defineCommand({
  name: "keeper",
  usage: "",
  description: [
    "Holds an adapter. Started by wintun create, from which it takes its order on standard input.",
  ],
  options: {},
  examples: [],
  endsItself: true,
  async run({ environment, interrupted }, { operands }): Promise<number> {
    if (operands.length > 0) throw new UsageError("keeper takes no operand.");
    const { runKeeperProcess } = await import("../keeper/keeper_process.ts");
    const wentWell = await runKeeperProcess((options) => environment.openHost(options), interrupted);
    return wentWell ? EXIT.done : EXIT.failed;
  },
});
