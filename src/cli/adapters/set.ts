import { type Command, defineCommand } from "../command.ts";
import { SIMULATE_OPTION } from "../host.ts";
import { SETTINGS_OPTIONS } from "./settings.ts";

export const SET_OPTIONS = { ...SETTINGS_OPTIONS, ...SIMULATE_OPTION } as const;

export const set: Command = defineCommand({
  name: "set",
  usage: "NAME settings",
  description: [
    "Brings an adapter's settings in line with those that are given, and says whether that changed anything. What is " +
    "not given stays as it is.",
  ],
  options: SET_OPTIONS,
  examples: [
    { command: "wintun set lab --mtu 1400 --metric 5", does: "Change MTU and metric" },
    { command: "wintun set lab --address 10.6.8.7/24", does: "Replace the adapter's addresses" },
  ],
  exitCodes: [3, 4, 7, 9],
  async run(context, { values, operands }): Promise<number> {
    const { runSet } = await import("./set_run.ts");
    return await runSet(context, values, operands);
  },
});
