import type { System } from "../../windows/system.ts";
import { type AdapterInfo, type AdapterOwner, type AdapterState, NO_INTERFACE } from "../adapter_info.ts";
import { compareNames } from "../adapter_name.ts";
import { instanceIdOf } from "../instance_id.ts";
import { findNamed } from "../ownership.ts";
import {
  findAdapter,
  findAdapterByLuid,
  isPresent,
  listAdapters,
  listDevices,
  listLookalikes,
} from "./devices.ts";
import type { Holder, Holders } from "./holders.ts";

/**
 * Returns the adapters with their owners, and the adapters of this program that are not there: starting, stopped and lost
 * ones. They are sorted by name. `all` adds the orphaned, legacy and foreign ones.
 * @throws {Win32Error} as `listAdapters` does.
 */
export function listWithOwners(system: System, holders: Holders, all: boolean): AdapterInfo[] {
  const listed = listAdapters(system);
  const held = holders.list();
  const adapters = withOwners(system, holders, listed, (guid) => held.find((holder) => holder.guid === guid));
  const missing = held
    .filter(({ guid }) => !adapters.some((info) => info.guid === guid))
    .flatMap((holder) => describeMissing(system, holders, holder) ?? []);
  const shown = [...adapters, ...missing].sort((a, b) => compareNames(a.name, b.name));
  if (!all) return shown;
  // A device that Windows remembers of a stopped or lost adapter is listed once.
  const known = new Set(shown.map(({ instanceId }) => instanceId.toUpperCase()));
  return [...shown, ...listLookalikes(system).filter((info) => !known.has(info.instanceId.toUpperCase()))];
}

/**
 * Returns the adapter with that name or GUID among those that `listWithOwners` returns, or the network adapter of another
 * kind with that name. If there is none, returns the adapter of this program that was created with that name.
 * @throws {Win32Error} as `listAdapters` does.
 */
export function findWithOwner(
  system: System,
  holders: Holders,
  nameOrGuid: string,
  all: boolean,
): AdapterInfo | undefined {
  const found = findAdapter(system, nameOrGuid);
  if (found?.state === "foreign" || found?.state === "legacy") return found;
  const [owned] = withOwners(system, holders, found === undefined ? [] : [found]);
  if (owned !== undefined) return owned;
  return findNamed(listWithOwners(system, holders, all), nameOrGuid);
}

/** Returns the adapter with that LUID, with its owner. @throws {Win32Error} as `listAdapters` does. */
export function findWithOwnerByLuid(
  system: System,
  holders: Holders,
  luid: bigint,
): AdapterInfo | undefined {
  const found = findAdapterByLuid(system, luid);
  return found === undefined ? undefined : withOwners(system, holders, [found])[0];
}

/**
 * Adds the owners of the adapters. An adapter whose owner has released it since it was listed has no owner any more. It is left
 * out: it would look like an adapter of another program.
 */
function withOwners(
  system: System,
  holders: Holders,
  adapters: readonly AdapterInfo[],
  holderOf?: (guid: string) => Holder | undefined,
): AdapterInfo[] {
  const owned = adapters.map((info) => withOwner(info, holders, holderOf));
  if (owned.every(({ owner }) => owner !== undefined)) return owned;
  const present = new Set(listDevices(system).map(({ instanceId }) => instanceId));
  return owned.filter(({ owner, instanceId }) => owner !== undefined || present.has(instanceId));
}

/**
 * Adds what of this program holds the adapter, and the process of this program that serves it.
 * @param holderOf Returns what holds the adapter with that GUID. Default: asks Windows.
 */
export function withOwner(
  info: AdapterInfo,
  holders: Holders,
  holderOf = (guid: string): Holder | undefined => holders.find(guid),
): AdapterInfo {
  const served = withSession(info, holders);
  const holder = holderOf(info.guid);
  if (holder === undefined) return served;
  const { state } = holder;
  return {
    ...served,
    ...names(info, holder),
    ...(state === "starting" || state === "stopped" ? { state } : {}),
    ...heldBy(holder),
  };
}

/**
 * Describes what an adapter of this program is called. While it is created it has its name already: Windows shows another one,
 * such as its GUID, until wintun.dll names it. If it was renamed since, only its holder knows its first name: wintun.dll changes
 * the name on the device, too, when it renames an adapter.
 */
function names({ name }: AdapterInfo, holder: Holder): Pick<AdapterInfo, "name" | "createdAs"> {
  if (name === holder.name || isBeingCreated(holder)) return { name: holder.name };
  return { name, createdAs: holder.name };
}

function isBeingCreated({ state }: Holder): boolean {
  return state === "starting" || state === "creating";
}

function withSession(info: AdapterInfo, { records }: Holders): AdapterInfo {
  const server = records.server(info.guid);
  return server === undefined ? info : { ...info, session: { pid: server.pid } };
}

function heldBy(
  { by, pid, role }: Holder,
): Pick<AdapterInfo, "owner" | "service" | "persistent" | "end" | "startSettings"> {
  const owner: AdapterOwner = { ...(pid === 0 ? {} : { pid }), ours: true, role };
  if ("record" in by) return { owner };
  const { service, persistent, end, startSettings } = by.service;
  return {
    owner,
    service,
    ...(persistent ? { persistent } : {}),
    ...(end === undefined ? {} : { end }),
    ...(startSettings === undefined ? {} : { startSettings }),
  };
}

/** Describes an adapter that is not there. Returns `undefined` while its holder creates or releases it. */
function describeMissing(system: System, holders: Holders, holder: Holder): AdapterInfo | undefined {
  const { guid, name, type, state } = holder;
  const shown: AdapterState | undefined = state === "starting" || state === "stopped"
    ? state
    : isLost(system, holders, guid)
    ? "lost"
    : undefined;
  return shown && withSession({
    name,
    type,
    guid,
    instanceId: instanceIdOf(guid),
    state: shown,
    ...NO_INTERFACE,
    ...heldBy(holder),
  }, holders);
}

/**
 * Returns whether the adapter with that GUID is lost: its device is gone, but its holder runs and has not released it.
 * @throws {Win32Error} as `listAdapters` does.
 */
export function isLost(system: System, holders: Holders, guid: string): boolean {
  const isHeld = (): boolean => holders.find(guid)?.state === "holding";
  // Check before and after: if the holder itself creates or releases the adapter meanwhile, one of the two checks fails.
  return isHeld() && !isPresent(system, instanceIdOf(guid)) && isHeld();
}
