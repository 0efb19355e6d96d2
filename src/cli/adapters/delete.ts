import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { Host } from "../../tun/host.ts";
import { cannot, HostError } from "../../tun/host_error.ts";
import { isOurs } from "../../tun/ownership.ts";
import { NAME_FORMS } from "../arguments/operands.ts";
import { flag, type GLOBAL_OPTIONS, type Values } from "../arguments/options.ts";
import { timeoutOption } from "../arguments/timeout.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { type Command, type Context, defineCommand } from "../command.ts";
import { adapterNames, openCommandHost, SIMULATE_OPTION } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import { InterruptedError, unlessInterrupted } from "../process/interrupts.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";
import { IGNORE_MISSING_OPTION, missingAdapter } from "./missing.ts";
import { OTHERS_NEED_FORCE } from "./settings.ts";

const DEFAULT_TIMEOUT_S = 30;

const DELETE_OPTIONS = {
  all: flag(
    "Delete all adapters of this program. These are those that wintun create made, also those that are stopped, and those that " +
      "a running wintun serve made, which ends that command. Adapters of other programs stay. wintun list shows under " +
      "OWNER whose an adapter is.",
  ),
  ...IGNORE_MISSING_OPTION,
  force: flag(
    "Also remove an adapter that another program holds. The connections of that program then break. Also needed if the " +
      "process that holds an adapter does not release it in time, and for devices that are orphaned or legacy, which wintun " +
      "list --all shows.",
  ),
  timeout: timeoutOption("Longest wait for the process that holds the adapter.", DEFAULT_TIMEOUT_S),
  ...SIMULATE_OPTION,
} as const;

type DeleteValues = Values<typeof DELETE_OPTIONS & typeof GLOBAL_OPTIONS>;

export const deleteCommand: Command = defineCommand({
  name: "delete",
  summary: "Remove adapters",
  usage: "NAME... [options]",
  description: [
    "Removes adapters that this program made. It deletes and stops the service that holds an adapter, and waits until the " +
    "adapter is gone. If a wintun serve made the adapter for itself, that command ends.",
    NAME_FORMS,
    OTHERS_NEED_FORCE,
    "Each of several adapters is tried. If some fail, the first failure gives the error and the exit code, and the other " +
    "failures are warnings. stdout lists what was deleted in any case.",
  ],
  options: DELETE_OPTIONS,
  operandChoices: adapterNames,
  examples: [
    { command: "wintun delete lab", does: "Remove an adapter" },
    { command: "wintun delete lab --ignore-missing", does: "The same in a script that may run twice" },
    { command: "wintun delete --all", does: "Remove all adapters of this program" },
  ],
  exitCodes: [3, 4, 7, 9],
  endsItself: true,
  async run(context, { values, operands }): Promise<number> {
    const { output } = context;
    if (values.all === operands.length > 0) {
      throw new UsageError(
        values.all ? "--all and a name exclude each other." : "delete needs the name of an adapter.",
        "Give names, or --all.",
      );
    }
    await using host = await openCommandHost(context, values);
    host.requireElevation(values.all ? "Cannot delete adapters" : cannot("delete", operands[0]));
    if (values.simulate === undefined) {
      for (const warning of await context.environment.removeLeftovers()) output.warning(warning);
    }
    const deleted: AdapterInfo[] = [];
    const missing: string[] = [];
    const failures: Error[] = [];
    for (const target of values.all ? await ourAdapters(host) : await distinct(host, operands)) {
      try {
        const info = typeof target === "string"
          ? await host.find(target, { all: true, details: false })
          : target;
        if (info === undefined && typeof target === "string" && !values["ignore-missing"]) {
          throw missingAdapter(cannot("delete", target));
        }
        if (info !== undefined && await deleteOne(context, host, info, values)) deleted.push(info);
        else if (typeof target === "string") missing.push(target);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        failures.push(error);
        if (error instanceof InterruptedError) break;
      }
    }
    // After a failure, the adapters that were deleted are still reported, if there are any.
    if (deleted.length > 0 || failures.length === 0) report(output, values, deleted, missing);
    if (failures.length === 0) return EXIT.done;
    // An interrupt is always the last failure. It decides the exit code.
    const isInterrupted = failures.at(-1) instanceof InterruptedError;
    const reason = isInterrupted ? failures.pop() : failures.shift();
    for (const { message } of failures) output.warning(message);
    throw reason;
  },
});

function report(
  output: Output,
  values: DeleteValues,
  deleted: readonly AdapterInfo[],
  missing: readonly string[],
): void {
  if (output.json) {
    const fields = deleted.map(({ name, guid }) => ({ name, guid }));
    output.resultJson({ changed: deleted.length > 0, deleted: fields, missing });
    return;
  }
  for (const { name } of deleted) output.result(`${printable(name)} (deleted)`);
  for (const name of missing) output.result(`${printable(name)} (not found)`);
  if (values.all && deleted.length === 0) output.note("There is nothing to delete.");
}

async function ourAdapters(host: Host): Promise<AdapterInfo[]> {
  const adapters = await host.list({ details: false });
  return adapters.filter(isOurs);
}

/** Returns the names and GUIDs without a second one of the same adapter. */
async function distinct(host: Host, targets: readonly string[]): Promise<readonly string[]> {
  if (targets.length === 1) return targets;
  const found = new Map<string, string>();
  for (const target of targets) {
    const key = (await host.find(target, { details: false }))?.guid ?? target.toUpperCase();
    if (!found.has(key)) found.set(key, target);
  }
  return [...found.values()];
}

/** Deletes one adapter. Returns `false` if it was already gone. */
async function deleteOne(
  context: Context,
  host: Host,
  info: AdapterInfo,
  values: DeleteValues,
): Promise<boolean> {
  try {
    if (isOurs(info)) {
      await stopOwner(context, host, info, values);
      // A keeper that has failed leaves its log. That of a simulated adapter would be the log of a real one.
      const hasFailed = info.state === "lost" || info.state === "stopped";
      if (hasFailed && values.simulate === undefined) context.environment.cleanUpAfterKeeper(info.guid);
    } else await host.remove(info, { force: values.force });
    return true;
  } catch (error) {
    if (!(error instanceof HostError) || error.kind !== "not-found") throw error;
    // --all accepts an adapter that has gone meanwhile.
    if (!values["ignore-missing"] && !values.all) throw error;
    return false;
  }
}

async function stopOwner(
  { interrupted }: Context,
  host: Host,
  info: AdapterInfo,
  values: DeleteValues,
): Promise<void> {
  const interruption = new InterruptedError(
    `Interrupted before adapter "${info.name}" was deleted.`,
    "The process that holds the adapter may still remove it.",
  );
  const stop = (): Promise<void> => host.stop(info, (values.timeout ?? DEFAULT_TIMEOUT_S) * 1000);
  try {
    await unlessInterrupted(interrupted, stop, interruption);
  } catch (error) {
    if (!values.force || !(error instanceof HostError) || error.kind !== "timeout") throw error;
    await host.remove(info, { force: true });
  }
}
