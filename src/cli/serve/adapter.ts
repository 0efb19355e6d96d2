import type { Change } from "../../tun/changes.ts";
import type { Adapter, AdapterInfo, Host } from "../../tun/host.ts";
import { HostError, sessionIsOpen } from "../../tun/host_error.ts";
import { nameIsTaken, refuseOthers } from "../../tun/ownership.ts";
import { DEFAULT_TYPE, warnOfIgnored } from "../adapters/creation_options.ts";
import { CreationWait } from "../adapters/creation_wait.ts";
import { warnOfRename } from "../adapters/renamed.ts";
import type { Context } from "../command.ts";
import type { Output } from "../process/output.ts";
import type { ServePlan } from "./plan.ts";
import { defaultRouteWarnings, loneAddressWarnings } from "./warnings.ts";

/**
 * Opens the adapter of the plan, or creates it if there is none. The caller owns it.
 * @throws {HostError} `exists`, `busy`, `failed` for an adapter that may not be served; `not-found` if there is none and the
 * plan has no address; and as `Host.create` and `Host.open`.
 */
export async function openAdapter(context: Context, host: Host, plan: ServePlan): Promise<Adapter> {
  const { name, creation, force } = plan;
  const operation = `Cannot serve adapter "${name}"`;
  const existing = await host.find(name);
  if (existing === undefined || existing.state === "stale" || existing.state === "lost") {
    return await createAdapter(context, host, plan, existing);
  }
  if (existing.state === "foreign" || existing.state === "legacy") throw nameIsTaken(operation, existing);
  // This comes before any change: the settings belong to the program that made the adapter.
  refuseOthers(operation, existing, { force });
  if (existing.state === "up") throw sessionIsOpen(existing.name);
  warnOfRename(name, existing, context.output);
  warnOfIgnored(creation, existing, context.output);
  return await host.open(existing.guid, { force });
}

/**
 * Creates the adapter for this run.
 * @param left The stale or lost adapter of that name, if there is one. `Host.create` cleans it up.
 */
async function createAdapter(
  context: Context,
  host: Host,
  { name, creation, settings }: ServePlan,
  left: AdapterInfo | undefined,
): Promise<Adapter> {
  const { type = DEFAULT_TYPE, guid } = creation;
  const end = left && endOf(left);
  // A mistyped name must not make an adapter.
  if (settings.addresses === undefined) {
    throw new HostError("not-found", `Cannot serve adapter "${name}"`, end ?? "there is no such adapter", {
      hint: "Make it with wintun create, or give --address to make it for this run.",
    });
  }
  if (end !== undefined) {
    context.output.warning(`Adapter "${name}" is created again, for this run only: ${end}.`);
  }
  const request = { name, type, ...(guid === undefined ? {} : { guid }) };
  using _wait = new CreationWait(context, request, { isCreatedHere: true });
  return await host.create(request);
}

/** Returns why a stale or lost adapter is gone, as part of a sentence. */
function endOf({ state, owner }: AdapterInfo): string {
  return state === "lost"
    ? `somebody has removed it, and process ${owner?.pid}, which held it, still runs`
    : `process ${owner?.pid}, which held it, has died`;
}

/** An adapter that has the settings of the plan. */
export interface Prepared {
  readonly info: AdapterInfo;
  /** The changed settings of an adapter that existed before. Empty for a new adapter. */
  readonly changes: readonly Change[];
}

/**
 * Applies the settings of the plan, and warns of those that will surprise the user.
 * @throws as `Host.configure`.
 */
export async function configureAdapter(
  host: Host,
  adapter: Adapter,
  { settings, echo, force }: ServePlan,
  output: Output,
): Promise<Prepared> {
  const { changes, warnings } = await host.configure(adapter.info.luid, settings, { force });
  const routeWarnings = echo.udp ? defaultRouteWarnings(settings.routes ?? []) : [];
  for (const warning of [...warnings, ...routeWarnings]) output.warning(warning);
  const info = await host.find(adapter.info.guid) ?? adapter.info;
  for (const warning of loneAddressWarnings(info.addresses)) output.warning(warning);
  if (info.addresses.length === 0) {
    output.warning(
      `Adapter "${info.name}" has no address, so Windows sends no packets to it. Give --address CIDR.`,
    );
  }
  return { info, changes: adapter.created ? [] : changes };
}
