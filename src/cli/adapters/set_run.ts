import { HostError } from "../../tun/host_error.ts";
import { adapterFields, describeAdapter } from "./report.ts";
import type { Context } from "../command.ts";
import { onlyOperand, openCommandHost } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import type { GLOBAL_OPTIONS, Values } from "../arguments/options.ts";
import type { SET_OPTIONS } from "./set.ts";
import { readSettings } from "./settings.ts";
import { UsageError } from "../arguments/usage_error.ts";

/** Does what `set` was asked for, and returns the exit code. */
export async function runSet(
  context: Context,
  values: Values<typeof SET_OPTIONS & typeof GLOBAL_OPTIONS>,
  operands: readonly string[],
): Promise<number> {
  const { output } = context;
  const name = onlyOperand(operands, "set");
  const settings = readSettings(values);
  if (Object.keys(settings).length === 0) {
    throw new UsageError("set needs something to set.", "Give --address, --mtu, --metric, --dns or --route.");
  }
  await using host = await openCommandHost(context, values);
  const found = await host.find(name);
  if (found === undefined || (found.state !== "up" && found.state !== "down")) {
    const reason = found === undefined ? "there is no such adapter" : `it is ${found.state}`;
    throw new HostError("not-found", `Cannot configure adapter "${name}"`, reason, {
      hint: found?.state === "stale"
        ? "Its owner has died: wintun create or serve makes it anew, and wintun delete removes it."
        : "wintun list --all shows what there is.",
    });
  }
  const { changed, warnings } = await host.configure(found.luid, settings);
  for (const warning of warnings) output.warning(warning);
  const info = await host.find(found.guid) ?? found;
  if (output.json) output.resultJson({ changed, adapter: adapterFields(info) });
  else output.result(`${describeAdapter(info)} (${changed ? "changed" : "as it was"})`);
  return EXIT.done;
}
