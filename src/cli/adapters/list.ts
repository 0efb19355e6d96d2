import { type Command, defineCommand } from "../command.ts";
import { SIMULATE_OPTION } from "../host.ts";
import { flag } from "../arguments/options.ts";

export const LIST_OPTIONS = {
  all: flag(
    "Show also what only looks like an adapter: devices without a network interface (orphaned), devices of Wintun 0.13 " +
      "and older (legacy), and other interfaces that Windows describes as a tunnel (foreign).",
  ),
  ...SIMULATE_OPTION,
} as const;

export const list: Command = defineCommand({
  name: "list",
  usage: "[NAME...] [options]",
  description: [
    "Shows Wintun adapters, those of other programs too. Loads no driver and needs no administrator.",
    "A name or GUID that no adapter has ends it with exit code 4.",
  ],
  options: LIST_OPTIONS,
  examples: [
    { command: "wintun list", does: "Show all adapters, one a line" },
    { command: "wintun list lab --json", does: "Everything about one, for programs" },
  ],
  notes: [
    {
      title: "State",
      text: [
        "up: a program has a session open. down: none has. stale: its owner, a process of ours, has died; wintun delete " +
        "cleans up.",
      ],
    },
  ],
  exitCodes: [4, 7],
  async run(context, { values, operands }): Promise<number> {
    const { runList } = await import("./list_run.ts");
    return await runList(context, values, operands);
  },
});
