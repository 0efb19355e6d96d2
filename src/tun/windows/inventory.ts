import type { System } from "../../windows/system.ts";
import type { AdapterInfo } from "../host.ts";
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
import type { OwnerRecord, OwnerRecords } from "./owner_records.ts";

/**
 * Returns the adapters with their owners, and the stale and lost adapters of this program, sorted by name. `all` adds the
 * orphaned, legacy and foreign ones.
 * @throws {Win32Error} as `listAdapters` does.
 */
export function listWithOwners(system: System, owners: OwnerRecords, all: boolean): AdapterInfo[] {
  const adapters = withOwners(system, owners, listAdapters(system));
  const left = owners.list()
    .filter((record) => !adapters.some(({ guid }) => guid === record.guid))
    .flatMap((record) => describeLeft(system, owners, record) ?? []);
  const shown = [...adapters, ...left].sort((a, b) => a.name.localeCompare(b.name));
  if (!all) return shown;
  // A device whose owner died is listed once, as stale.
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

/** Returns the adapter with that LUID, with its owner. @throws {Win32Error} as `listAdapters` does. */
export function findWithOwnerByLuid(
  system: System,
  owners: OwnerRecords,
  luid: bigint,
): AdapterInfo | undefined {
  const found = findAdapterByLuid(system, luid);
  return found === undefined ? undefined : withOwners(system, owners, [found])[0];
}

/**
 * Adds the owners of the adapters. An adapter whose owner has released it since it was listed has no record any more. It is
 * left out: without an owner it would look like an adapter of another program.
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

/** Adds the owner of the adapter, if it is a process of this program, and the state `stale` if that process has died. */
export function withOwner(info: AdapterInfo, owners: OwnerRecords): AdapterInfo {
  const record = owners.find(info.guid);
  if (record === undefined) return info;
  const owner = { pid: record.pid, ours: true, role: record.role };
  const { createdAs: _, ...described } = info;
  const owned = { ...described, ...createdAs(info, record), owner };
  return owners.isRunning(record) ? owned : { ...owned, state: "stale" };
}

/**
 * Describes an adapter of this program that was renamed since its creation. Only the record knows its first name: wintun.dll
 * changes the name on the device, too, when it renames an adapter.
 */
function createdAs({ name }: AdapterInfo, record: OwnerRecord): Pick<AdapterInfo, "createdAs"> {
  return name === record.name ? {} : { createdAs: record.name };
}

/**
 * Returns whether the adapter with that GUID is lost: its device is gone, but its owner runs and has not released it.
 * @throws {Win32Error} as `listAdapters` does.
 */
export function isLost(system: System, owners: OwnerRecords, guid: string): boolean {
  const isHeld = (): boolean => {
    const record = owners.find(guid);
    return record !== undefined && record.hasAdapter && owners.isRunning(record);
  };
  // Check before and after: if the owner itself creates or releases the adapter meanwhile, one of the two checks fails.
  return isHeld() && !isPresent(system, instanceIdOf(guid)) && isHeld();
}

/** Describes a recorded adapter without an interface. Returns `undefined` while the owner creates or releases it. */
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
