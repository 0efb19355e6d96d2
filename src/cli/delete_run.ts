import type { AdapterInfo, Host } from "../tun/host.ts";
import { HostError } from "../tun/host_error.ts";
import type { Context } from "./command.ts";
import { openCommandHost } from "./command_host.ts";
import type { DELETE_OPTIONS } from "./delete.ts";
import { EXIT } from "./exit_codes.ts";
import type { GLOBAL_OPTIONS, Values } from "./options.ts";
import { UsageError } from "./usage_error.ts";

const DEFAULT_TIMEOUT_S = 30;

type DeleteValues = Values<typeof DELETE_OPTIONS & typeof GLOBAL_OPTIONS>;

/** Does what `delete` was asked for, and returns the exit code. */
export async function runDelete(
  context: Context,
  values: DeleteValues,
  operands: readonly string[],
): Promise<number> {
  const { output } = context;
  if (values.all === operands.length > 0) {
    throw new UsageError(
      values.all
        ? "--all deletes all adapters, and a name asks for one."
        : "delete needs the name of an adapter.",
      "Give names, or --all.",
    );
  }
  await using host = await openCommandHost(context, values);
  const deleted: AdapterInfo[] = [];
  const missing: string[] = [];
  for (const target of values.all ? await ourAdapters(host) : operands) {
    const info = typeof target === "string" ? await host.find(target) : target;
    if (info !== undefined && await deleteOne(context, host, info, values)) deleted.push(info);
    else if (typeof target === "string") missing.push(target);
    if (info === undefined && !values["ignore-missing"]) throw notFound(String(target));
  }
  if (output.json) {
    const fields = deleted.map(({ name, guid }) => ({ name, guid }));
    output.resultJson({ changed: deleted.length > 0, deleted: fields, missing });
  } else {
    for (const { name } of deleted) output.result(`${name} (deleted)`);
    for (const name of missing) output.result(`${name} (not there)`);
    if (values.all && deleted.length === 0) output.note("There is nothing to delete.");
  }
  return EXIT.done;
}

async function ourAdapters(host: Host): Promise<AdapterInfo[]> {
  const adapters = await host.list();
  return adapters.filter(({ owner, state }) => owner?.ours && (owner.role === "keeper" || state === "stale"));
}

/** `false` when it went by itself. */
async function deleteOne(
  { environment }: Context,
  host: Host,
  info: AdapterInfo,
  values: DeleteValues,
): Promise<boolean> {
  const operation = `Cannot delete adapter "${info.name}"`;
  if (info.state === "foreign") {
    throw new HostError("invalid", operation, "it is a network adapter, but none of Wintun's");
  }
  try {
    if (info.state === "stale") {
      await host.remove(info);
      await environment.cleanUpAfterKeeper(info.guid);
    } else if (info.owner?.ours) await stopOwner(host, info, values);
    else if (values.force) await host.remove(info);
    else throw refused(info, operation);
    return true;
  } catch (error) {
    if (!(error instanceof HostError) || error.kind !== "not-found") throw error;
    if (!values["ignore-missing"]) throw error;
    return false;
  }
}

async function stopOwner(host: Host, info: AdapterInfo, values: DeleteValues): Promise<void> {
  try {
    await host.stop(info, (values.timeout ?? DEFAULT_TIMEOUT_S) * 1000);
  } catch (error) {
    if (!values.force || !(error instanceof HostError) || error.kind !== "timeout") throw error;
    await host.remove(info);
  }
}

function refused({ type }: AdapterInfo, operation: string): HostError {
  return new HostError("failed", operation, `another program made it, for its tunnels of type "${type}"`, {
    hint: "End that program, or use --force to remove the device under it.",
  });
}

function notFound(name: string): HostError {
  return new HostError("not-found", `Cannot delete adapter "${name}"`, "there is no such adapter", {
    hint: "wintun list shows those that there are; --ignore-missing makes this no error.",
  });
}
