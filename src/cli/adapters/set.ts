import { cannot, noSuchAdapter } from "../../tun/host_error.ts";
import { isNotThere, refuseOthers } from "../../tun/ownership.ts";
import { NAME_FORMS, onlyOperand } from "../arguments/operands.ts";
import { flag, single } from "../arguments/options.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { readNewName } from "../arguments/values.ts";
import { type Command, defineCommand } from "../command.ts";
import { adapterNames, openCommandHost, SIMULATE_OPTION } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import { noteIfPending } from "./pending_category.ts";
import { warnOfRename } from "./renamed.ts";
import { describeChanges, reportAdapter } from "./report.ts";
import { FORCE_OPTION, OTHERS_NEED_FORCE, readSettings, SETTINGS_OPTIONS } from "./settings.ts";

export const set: Command = defineCommand({
  name: "set",
  summary: "Change an adapter's addresses, routes, DNS, MTU, metric, name",
  usage: "NAME options",
  description: [
    "Changes the settings of an adapter to those that are given, and reports whether that changed anything. Settings " +
    "that are not given stay as they are. If Windows refuses one of them, those that are changed already are set back.",
    "none empties a list. default, or none, gives every other setting the value that a new adapter has. " +
    "As the value of --name, these words are ordinary names.",
    NAME_FORMS,
    OTHERS_NEED_FORCE,
  ],
  options: {
    ...SETTINGS_OPTIONS,
    name: single(
      "NEW",
      readNewName,
      "New name of the adapter, 1 to 127 characters. Its GUID and everything else stay, and a serve goes on. A persistent " +
        "adapter also has the new name after a restart of Windows. A name that another network adapter has is refused with " +
        "exit code 5. Default: it keeps its name.",
    ),
    ...FORCE_OPTION,
    "dry-run": flag(
      "Show what would change, and change nothing. The exit code is 0 whether or not something would change; changed in the " +
        "result of --json says whether.",
    ),
    ...SIMULATE_OPTION,
  },
  operandChoices: adapterNames,
  examples: [
    { command: "wintun set lab --mtu 1400 --metric 5", does: "Change MTU and metric" },
    { command: "wintun set lab --address 10.6.8.7/24", does: "Replace the adapter's addresses" },
    { command: "wintun set lab --name office", does: "Rename the adapter" },
    {
      command: "wintun set lab --dns none --mtu default",
      does: "Remove the DNS servers, and give the MTU back",
    },
    {
      command: 'wintun set lab --route "10.9.0.0/16,via=10.6.7.1,metric=5" --metric ipv6=20',
      does: "Set a route through a gateway, and the metric of IPv6",
    },
  ],
  exitCodes: [3, 4, 5, 7, 9],
  async run(context, { values, operands }): Promise<number> {
    const { output } = context;
    const name = onlyOperand(operands, "set");
    const settings = readSettings(values);
    const { name: newName, force, "dry-run": dryRun } = values;
    if (Object.keys(settings).length === 0 && newName === undefined) {
      throw new UsageError(
        "set needs a setting.",
        `Give one of ${
          [...Object.keys(SETTINGS_OPTIONS), "name"].map((option) => `--${option}`).join(", ")
        }.`,
      );
    }
    await using host = await openCommandHost(context, values);
    const operation = cannot("configure", name);
    host.requireElevation(operation);
    const found = await host.find(name, { all: true });
    if (found === undefined) throw noSuchAdapter(operation);
    if (found.state === "foreign") refuseOthers(operation, found);
    const isStopped = found.state === "stopped";
    if (found.state !== "up" && found.state !== "down" && !isStopped) throw isNotThere(operation, found);
    warnOfRename(name, found, output);
    const renaming = newName === undefined ? {} : { name: newName };
    const { changed, changes, warnings } = isStopped
      ? await host.reorder(found, settings, { dryRun, ...renaming })
      : await host.configure(found.luid, settings, { force, dryRun, ...renaming });
    if (isStopped && !dryRun) {
      output.note(`Adapter "${found.name}" is stopped. It gets these settings when its service starts.`);
    }
    for (const warning of warnings) output.warning(warning);
    const info = dryRun ? found : await host.find(found.guid) ?? found;
    if (!dryRun) noteIfPending(output, settings, info);
    const outcome = changed
      ? `${dryRun ? "would change" : "changed"} ${describeChanges(changes)}`
      : "unchanged";
    reportAdapter(output, info, { changed, dryRun, changes }, outcome);
    return EXIT.done;
  },
});
