import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { Interrupts } from "./interrupts.ts";
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
  async run({ environment }, { operands }): Promise<number> {
    if (operands.length > 0) throw new UsageError("keeper takes no operand.");
    const { runKeeperProcess } = await import("../keeper/keeper_process.ts");
    using interrupts = new Interrupts(environment);
    const wentWell = await runKeeperProcess((options) => environment.openHost(options), interrupts.first);
    return wentWell ? EXIT.done : EXIT.failed;
  },
});
