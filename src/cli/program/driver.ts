import { formatDriverVersion } from "../../wintun/library.ts";
import { type Command, defineCommand } from "../command.ts";
import { openCommandHost, REMOVE_LEGACY_OPTION, SIMULATE_OPTION } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import { UsageError } from "../arguments/usage_error.ts";

export const driver: Command = defineCommand({
  name: "driver",
  summary: "Show the driver's version, or remove the driver",
  usage: "status|uninstall [options]",
  description: [
    "status shows the version of the driver that is loaded. Windows loads the driver with the first adapter, and unloads " +
    "it some time after the last one is gone.",
    "uninstall removes the driver from this machine, if no adapter uses it. Creating an adapter installs it again. " +
    "The result says whether a driver was loaded. One that is installed but not loaded is removed too; Windows does not " +
    "report whether there was one.",
  ],
  options: { ...REMOVE_LEGACY_OPTION, ...SIMULATE_OPTION },
  operandChoices: () => [
    { text: "status", help: "Show the driver's version" },
    { text: "uninstall", help: "Remove the driver" },
  ],
  examples: [
    { command: "wintun driver status", does: "Show the driver's version" },
    { command: "wintun driver uninstall", does: "Remove the driver" },
  ],
  exitCodes: [3, 6, 7, 8],
  async run(context, { values, operands }): Promise<number> {
    const { output } = context;
    const [action, ...more] = operands;
    if ((action !== "status" && action !== "uninstall") || more.length > 0) {
      throw new UsageError(
        "driver needs status or uninstall.",
        "Usage: wintun driver status|uninstall.",
      );
    }
    await using host = await openCommandHost(context, values);
    if (action === "status") {
      const found = await host.driverVersion();
      const version = found === undefined ? null : formatDriverVersion(found);
      const text = version === null ? "No Wintun driver is loaded." : `Wintun driver ${version} is loaded.`;
      if (output.json) output.resultJson({ loaded: version !== null, version });
      else output.result(text);
      return EXIT.done;
    }
    const changed = await host.removeDriver();
    if (output.json) output.resultJson({ changed });
    else {
      output.result(
        changed
          ? "The Wintun driver is removed."
          : "No Wintun driver is loaded. If one was installed, it is removed.",
      );
    }
    return EXIT.done;
  },
});
