import { type Command, defineCommand } from "../command.ts";
import { REMOVE_LEGACY_OPTION, SIMULATE_OPTION } from "../host.ts";
import { DEFAULT_TYPE } from "./creation_options.ts";
import { flag, single } from "../arguments/options.ts";
import { SETTINGS_OPTIONS } from "./settings.ts";
import { readGuid, readTunnelType, secondsReader } from "../arguments/values.ts";

const MAX_SECONDS = 3600;

export const CREATE_OPTIONS = {
  ...SETTINGS_OPTIONS,
  type: single(
    "TYPE",
    readTunnelType,
    `Tunnel type, by which Windows describes the adapter: 1 to 127 characters. Default: ${DEFAULT_TYPE}.`,
  ),
  guid: single(
    "GUID",
    readGuid,
    "GUID of the adapter. Default: derived from its name and this machine, so that Windows knows its network again.",
  ),
  "if-not-exists": flag(
    "An adapter with that name is no error: its settings are brought in line with those that are given.",
  ),
  foreground: flag(
    "Hold the adapter in this process, until Ctrl-C or wintun delete, instead of in one of its own.",
  ),
  "dry-run": flag("Only check whether it would work, and show what would be done."),
  timeout: single(
    "SECONDS",
    secondsReader(MAX_SECONDS),
    `How long it may take until the adapter is ready, at most ${MAX_SECONDS}. Windows may need more than a minute. ` +
      "Default: 120.",
  ),
  ...REMOVE_LEGACY_OPTION,
  ...SIMULATE_OPTION,
} as const;

export const create: Command = defineCommand({
  name: "create",
  usage: "NAME [options]",
  description: [
    "Makes a Wintun adapter with that name, which stays until wintun delete or until Windows stops.",
    "Wintun removes an adapter with the process that made it. So this command starts a keeper, a process without a " +
    "window that holds the adapter, waits until it is ready, and ends.",
    "Nothing is taken from others: a name or GUID that is in use is refused.",
  ],
  options: CREATE_OPTIONS,
  examples: [
    { command: "wintun create lab --address 10.6.7.7/24", does: "Make an adapter with an address" },
    {
      command: "wintun create lab --address 10.6.7.7/24 --mtu 1400 --if-not-exists --json",
      does: "The same in a script that may run twice; the result says whether it changed anything",
    },
    {
      command: "wintun create lab --address 10.6.7.7/24 --dry-run",
      does: "See whether it would work, and which GUID it would get",
    },
  ],
  notes: [
    {
      title: "Output",
      text: [
        'With --json one object: "changed", "created", "adapter" as in wintun list, "requestedGuid", and "log", the file ' +
        "that the keeper writes what happens to.",
      ],
    },
  ],
  exitCodes: [3, 5, 6, 7, 9, 10],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    const { runCreate } = await import("./create_run.ts");
    return await runCreate(context, values, operands);
  },
});
