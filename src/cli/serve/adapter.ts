import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { isReference } from "../../tun/adapter_name.ts";
import type { Change } from "../../tun/changes.ts";
import type { Adapter, Host } from "../../tun/host.ts";
import { cannot, HostError, noSuchAdapter, sessionIsOpen } from "../../tun/host_error.ts";
import { isNotThere, nameIsTaken, refuseOthers } from "../../tun/ownership.ts";
import type { DriverVersion } from "../../wintun/library.ts";
import { DEFAULT_TYPE, warnOfIgnored } from "../adapters/creation_options.ts";
import { CreationWait } from "../adapters/creation_wait.ts";
import { warnOfRename } from "../adapters/renamed.ts";
import type { Context } from "../command.ts";
import type { Output } from "../process/output.ts";
import type { ServePlan } from "./plan.ts";
import { defaultRouteWarnings, loneAddressWarnings } from "./warnings.ts";

/**
 * Finds the adapter of the plan: one that may be served, or the lost one that is created again. `undefined` if there
 * is none and one can be created. Changes nothing.
 * @throws {HostError} `exists`, `busy`, `failed` for an adapter that may not be served; `not-found` if there is none and the
 * plan has no address.
 */
export async function findServable(
  host: Host,
  { name, settings, force }: ServePlan,
): Promise<AdapterInfo | undefined> {
  const operation = cannot("serve", name);
  const found = await host.find(name);
  if (found?.state === "starting" || found?.state === "stopped") throw isNotThere(operation, found);
  if (found === undefined && isReference(name)) throw noSuchAdapter(operation);
  if (found === undefined || found.state === "lost") {
    // A mistyped name must not make an adapter.
    if (settings.addresses !== undefined && settings.addresses.length > 0) return found;
    const reason = found === undefined ? "there is no such adapter" : endOf(found);
    throw new HostError("not-found", operation, reason, {
      hint: "Make it with wintun create, or give --address to make it for this run.",
    });
  }
  if (found.state === "foreign" || found.state === "legacy") throw nameIsTaken(operation, found);
  refuseOthers(operation, found, { force });
  if (found.state === "up") throw sessionIsOpen(found.name);
  return found;
}

/**
 * Opens the adapter of the plan, or creates it if there is none. The caller owns it.
 * @throws as `findServable`, `Host.create` and `Host.open`.
 */
export async function openAdapter(context: Context, host: Host, plan: ServePlan): Promise<Adapter> {
  const { name, creation, force } = plan;
  const existing = await findServable(host, plan);
  if (existing === undefined || existing.state === "lost") {
    return await createAdapter(context, host, plan, existing);
  }
  warnOfRename(name, existing, context.output);
  warnOfIgnored(creation, existing, context.output);
  return await host.open(existing.guid, { force });
}

/**
 * Creates the adapter for this run. The caller owns it.
 * @param left The lost adapter of that name, if there is one. `Host.create` ends its holder.
 * @throws as `Host.create`.
 */
export async function createAdapter(
  context: Context,
  host: Host,
  { name: asked, creation }: Pick<ServePlan, "name" | "creation">,
  left?: AdapterInfo,
): Promise<Adapter> {
  const name = left?.name ?? asked;
  const { type = DEFAULT_TYPE, guid } = creation;
  if (left !== undefined) {
    context.output.warning(`Adapter "${name}" is created again, for this run only: ${endOf(left)}.`);
  }
  const request = { name, type, ...(guid === undefined ? {} : { guid }) };
  using _wait = new CreationWait(context, request);
  return await host.create(request);
}

/** Returns why a lost adapter is gone, as part of a sentence. */
function endOf({ owner }: AdapterInfo): string {
  return `somebody has removed it, and process ${owner?.pid}, which held it, still runs`;
}

/** An adapter that has the settings of the plan. */
export interface Prepared {
  readonly info: AdapterInfo;
  /** The changed settings of an adapter that existed before. Empty for a new adapter. */
  readonly changes: readonly Change[];
  /** The version of the driver, if it is known. */
  readonly driver: DriverVersion | undefined;
}

/**
 * Applies the settings of the plan, and warns of those that will surprise the user.
 * @throws as `Host.configure`.
 */
export async function configureAdapter(
  host: Host,
  adapter: Adapter,
  { settings, echo, network, force }: ServePlan,
  output: Output,
): Promise<Prepared> {
  const { changes, warnings } = await host.configure(adapter.info.luid, settings, { force });
  const echoesAllUdp = echo.udp && echo.udpPorts === undefined && network?.hosts === undefined;
  const routeWarnings = echoesAllUdp ? defaultRouteWarnings(settings.routes ?? []) : [];
  for (const warning of [...warnings, ...routeWarnings]) output.warning(warning);
  const info = await host.find(adapter.info.guid) ?? adapter.info;
  for (const warning of loneAddressWarnings(info.addresses)) output.warning(warning);
  if (info.addresses.length === 0) {
    output.warning(
      `Adapter "${info.name}" has no address, so Windows sends no packets to it. Give --address CIDR.`,
    );
  }
  return { info, changes: adapter.created ? [] : changes, driver: await host.driverVersion() };
}
