import { normalGuid } from "../../wire/guid.ts";
import type { System } from "../../windows/system.ts";
import { sameName } from "../adapter_name.ts";
import type { AdapterInfo } from "../host.ts";
import { findAdapter, instanceIdOf, listAdapters, listDevices, listLookalikes } from "./devices.ts";
import type { OwnerRecord, OwnerRecords } from "./owner_records.ts";

/**
 * The adapters with their owners, and what is left of adapters of ours whose owners died; `all` adds what only looks like
 * an adapter.
 * @throws {Win32Error}
 */
export function listWithOwners(system: System, owners: OwnerRecords, all: boolean): AdapterInfo[] {
  const adapters = withOwners(system, owners, listAdapters(system));
  const stale = owners.list()
    .filter((record) => !adapters.some(({ guid }) => guid === record.guid) && !owners.isRunning(record))
    .map(describeStale);
  const shown = [...adapters, ...stale].sort((a, b) => a.name.localeCompare(b.name));
  if (!all) return shown;
  // The device that an owner left behind is listed once, as stale.
  const known = new Set(shown.map(({ instanceId }) => instanceId.toUpperCase()));
  return [...shown, ...listLookalikes(system).filter((info) => !known.has(info.instanceId.toUpperCase()))];
}

/** By name or GUID, as `listWithOwners` shows it; and what is not Wintun's, by name. @throws {Win32Error} */
export function findWithOwner(
  system: System,
  owners: OwnerRecords,
  nameOrGuid: string,
): AdapterInfo | undefined {
  const found = findAdapter(system, nameOrGuid);
  if (found?.state === "foreign") return found;
  const [owned] = withOwners(system, owners, found === undefined ? [] : [found]);
  if (owned !== undefined) return owned;
  const guid = normalGuid(nameOrGuid);
  const record = owners.list().find((one) => one.guid === guid || sameName(one.name, nameOrGuid));
  return record === undefined || owners.isRunning(record) ? undefined : describeStale(record);
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

function describeStale(record: OwnerRecord): AdapterInfo {
  return {
    name: record.name,
    type: record.type,
    guid: record.guid,
    luid: 0n,
    ifIndex: 0,
    instanceId: instanceIdOf(record.guid),
    state: "stale",
    mtu: 0,
    metric: 0,
    addresses: [],
    owner: { pid: record.pid, ours: true, role: record.role },
  };
}
