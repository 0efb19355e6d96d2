import type { System } from "../../windows/system.ts";
import type { AdapterInfo } from "../host.ts";
import { findNamed } from "../ownership.ts";
import {
  findAdapter,
  findAdapterByLuid,
  instanceIdOf,
  isPresent,
  listAdapters,
  listDevices,
  listLookalikes,
} from "./devices.ts";
import type { OwnerRecord, OwnerRecords } from "./owner_records.ts";

/**
 * The adapters with their owners, and what is left of adapters of ours: the stale ones, whose owners died, and the lost ones;
 * `all` adds what only looks like an adapter.
 * @throws {Win32Error}
 */
export function listWithOwners(system: System, owners: OwnerRecords, all: boolean): AdapterInfo[] {
  const adapters = withOwners(system, owners, listAdapters(system));
  const left = owners.list()
    .filter((record) => !adapters.some(({ guid }) => guid === record.guid))
    .flatMap((record) => describeLeft(system, owners, record) ?? []);
  const shown = [...adapters, ...left].sort((a, b) => a.name.localeCompare(b.name));
  if (!all) return shown;
  // The device that an owner left behind is listed once, as stale.
  const known = new Set(shown.map(({ instanceId }) => instanceId.toUpperCase()));
  return [...shown, ...listLookalikes(system).filter((info) => !known.has(info.instanceId.toUpperCase()))];
}

/**
 * By name or GUID, as `listWithOwners` shows it; and what is not Wintun's, by name. Of the adapters of ours that have no
 * such name, the one that was created with it.
 * @throws {Win32Error}
 */
export function findWithOwner(
  system: System,
  owners: OwnerRecords,
  nameOrGuid: string,
  all: boolean,
): AdapterInfo | undefined {
  const found = findAdapter(system, nameOrGuid);
  if (found?.state === "foreign" || found?.state === "legacy") return found;
  const [owned] = withOwners(system, owners, found === undefined ? [] : [found]);
  if (owned !== undefined) return owned;
  return findNamed(listWithOwners(system, owners, all), nameOrGuid);
}

/** The adapter with that LUID, with its owner. @throws {Win32Error} */
export function findWithOwnerByLuid(
  system: System,
  owners: OwnerRecords,
  luid: bigint,
): AdapterInfo | undefined {
  const found = findAdapterByLuid(system, luid);
  return found === undefined ? undefined : withOwners(system, owners, [found])[0];
}

/**
 * Adds who holds the adapters. One whose owner has let go of it since it was listed has no record any more: it is left
 * out, for it would pass for another program's.
 */
function withOwners(
  system: System,
  owners: OwnerRecords,
  adapters: readonly AdapterInfo[],
): AdapterInfo[] {
  const owned = adapters.map((info) => withOwner(info, owners));
  if (owned.every(({ owner }) => owner !== undefined)) return owned;
  const present = new Set(listDevices(system).map(({ instanceId }) => instanceId));
  return owned.filter(({ owner, instanceId }) => owner !== undefined || present.has(instanceId));
}

/** Adds who holds the adapter, where that is a process of ours, or that this process has died. */
export function withOwner(info: AdapterInfo, owners: OwnerRecords): AdapterInfo {
  const record = owners.find(info.guid);
  if (record === undefined) return info;
  const owner = { pid: record.pid, ours: true, role: record.role };
  return owners.isRunning(record) ? { ...info, owner } : { ...info, state: "stale", owner };
}

/**
 * Whether the adapter with that GUID is lost: its device has gone, though its owner runs and has not let go of it.
 * @throws {Win32Error}
 */
export function isLost(system: System, owners: OwnerRecords, guid: string): boolean {
  const isHeld = (): boolean => {
    const record = owners.find(guid);
    return record !== undefined && record.hasAdapter && owners.isRunning(record);
  };
  // Asked before and after: an adapter that comes or goes by its owner's will is not held on one of the two sides.
  return isHeld() && !isPresent(system, instanceIdOf(guid)) && isHeld();
}

/** What the record of an adapter without an interface says; `undefined` while the owner makes it or lets go of it. */
function describeLeft(system: System, owners: OwnerRecords, record: OwnerRecord): AdapterInfo | undefined {
  if (!owners.isRunning(record)) return describeRecord(record, "stale");
  return isLost(system, owners, record.guid) ? describeRecord(record, "lost") : undefined;
}

function describeRecord(record: OwnerRecord, state: "stale" | "lost"): AdapterInfo {
  return {
    name: record.name,
    type: record.type,
    guid: record.guid,
    luid: 0n,
    ifIndex: 0,
    instanceId: instanceIdOf(record.guid),
    state,
    mtu: 0,
    metric: 0,
    addresses: [],
    owner: { pid: record.pid, ours: true, role: record.role },
  };
}
