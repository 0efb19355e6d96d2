import { normalGuid } from "../../wire/guid.ts";
import type { InterfaceInfo } from "../../windows/network/interface_info.ts";
import { netLuid } from "../../windows/network/net_luid.ts";
import type { Device } from "../../windows/setupapi_device.ts";
import type { System } from "../../windows/system.ts";
import type { UnicastAddress } from "../../windows/network/address.ts";
import { type AdapterInfo, type AdapterState, NO_INTERFACE } from "../adapter_info.ts";
import { compareNames, isMeant, sameName } from "../adapter_name.ts";
import { ENUMERATOR, instanceIdOf } from "../instance_id.ts";

/** The enumerator of the devices of Wintun 0.13 and older. */
const LEGACY_ENUMERATOR = "ROOT\\NET";
const HARDWARE_ID = "Wintun";
/** Wintun's device property for the name by which WintunOpenAdapter finds an adapter. */
const NAME_PROPERTY = { formatId: "3361c968-2f2e-4660-b47e-699cdc4c32b9", propertyId: 3 };
/** DEVPKEY_Device_DriverVersion (devpkey.h): the version in the driver's INF file. */
const DRIVER_VERSION_PROPERTY = { formatId: "a8b865dd-2e3d-4094-ad97-e593a70c75d6", propertyId: 3 };
/** Wintun appends this to the tunnel type to form a device's description. */
const DESCRIPTION_SUFFIX = " Tunnel";
/** Matches the description of a tunnel's interface. Windows numbers descriptions that several interfaces share. */
const TUNNEL_DESCRIPTION = / Tunnel(?: #\d+)?$/;

/** A Wintun device as Windows' device manager knows it. */
export interface WintunDevice {
  readonly instanceId: string;
  readonly hardwareIds: readonly string[];
  /** Lower case, without braces; "" if the device has none. */
  readonly guid: string;
  readonly type: string;
  /** The name by which WintunOpenAdapter finds the adapter even if a user has renamed the connection. */
  readonly createdName: string | undefined;
  /** `undefined` if Windows has installed no driver for the device. */
  readonly driverVersion: string | undefined;
  /** `undefined` while the device has no network interface. */
  readonly luid: bigint | undefined;
}

/**
 * Returns the devices of Wintun 0.14 that exist now; with `remembered`, also those that Windows only remembers.
 * @throws {Win32Error} if Windows refuses to list devices.
 */
export function listDevices(system: System, { remembered = false } = {}): WintunDevice[] {
  return system.setupapi.devices(
    { enumerator: ENUMERATOR, present: !remembered },
    (device) => readDevice(system, device),
  );
}

/**
 * Returns whether the device of Wintun 0.14 with that instance id exists now, disabled or not.
 * @throws {Win32Error} as `listDevices` does.
 */
export function isPresent(system: System, instanceId: string): boolean {
  return system.setupapi
    .devices({ enumerator: ENUMERATOR, present: true }, (device) => sameName(device.instanceId, instanceId))
    .includes(true);
}

/**
 * Removes the device with that instance id, of any version of Wintun. Returns `false` if there is none.
 * @throws {Win32Error} 5 if this process is not elevated; other codes give the reason why Windows keeps the device.
 */
export function removeDevice(system: System, instanceId: string): boolean {
  return [ENUMERATOR, LEGACY_ENUMERATOR].some((enumerator) =>
    system.setupapi.devices({ enumerator, present: false }, (device) => {
      if (!sameName(device.instanceId, instanceId)) return false;
      device.remove();
      return true;
    }).includes(true)
  );
}

/**
 * Removes the device of the adapter with that GUID if it has no network interface, so that no process holds it. Returns whether
 * there was one. Call it in the service of that GUID: nobody else has an adapter with it.
 * @throws {Win32Error} as `removeDevice` does.
 */
export function removeLeftover(system: System, guid: string): boolean {
  const instanceId = instanceIdOf(guid);
  const luid = listDevices(system).find((device) => sameName(device.instanceId, instanceId))?.luid;
  const isInUse = luid !== undefined && system.network.interface(luid).info() !== undefined;
  return !isInUse && removeDevice(system, instanceId);
}

/**
 * Returns the devices that Wintun 0.13 and older made. wintun.dll 0.14 removes them as soon as an elevated process loads it,
 * even while programs use them.
 * @throws {Win32Error} as `listDevices` does.
 */
export function listLegacyDevices(system: System): WintunDevice[] {
  const devices = system.setupapi.devices(
    { enumerator: LEGACY_ENUMERATOR, present: false },
    (device) => readDevice(system, device),
  );
  return devices.filter(({ hardwareIds }) => hardwareIds.some((id) => sameName(id, HARDWARE_ID)));
}

/**
 * Returns Wintun's adapters, sorted by name: its devices that have a network interface now.
 * @throws {Win32Error} if Windows cannot list devices, interfaces or addresses.
 */
export function listAdapters(system: System): AdapterInfo[] {
  const addresses = system.network.addresses();
  const infos = listDevices(system).flatMap((device) => describeDevice(system, device, addresses) ?? []);
  return infos.sort((a, b) => compareNames(a.name, b.name));
}

/** Returns the legacy devices, with their network interfaces if they have one. */
function listLegacy(
  system: System,
  addresses: ReadonlyMap<bigint, readonly UnicastAddress[]>,
): AdapterInfo[] {
  return listLegacyDevices(system).map((device) =>
    describeDevice(system, device, addresses, "legacy") ?? describeRemains(device, "legacy")
  );
}

/**
 * Returns the entries that `list --all` adds to the adapters: orphaned devices, legacy devices, interfaces of other tunnels.
 * @throws {Win32Error} as `listAdapters` does.
 */
export function listLookalikes(system: System): AdapterInfo[] {
  const adapters = listAdapters(system);
  const known = new Set(adapters.map(({ instanceId }) => instanceId));
  const orphans = listDevices(system, { remembered: true }).filter(({ instanceId }) =>
    !known.has(instanceId)
  );
  const addresses = system.network.addresses();
  const legacy = listLegacy(system, addresses);
  const luids = new Set([...adapters, ...legacy].map(({ luid }) => luid));
  const foreign = system.network.list()
    .filter(({ luid, description }) => TUNNEL_DESCRIPTION.test(description) && !luids.has(luid))
    .map((found) => describeForeign(system, found, addresses));
  return [
    ...orphans.map((device) => describeRemains(device, "orphaned")),
    ...legacy,
    ...foreign,
  ];
}

/**
 * Returns the adapter with that name, GUID or `ifIndex:7`. An interface that has the name but is not of Wintun 0.14 is returned with the
 * state `legacy` or `foreign`.
 * @throws {Win32Error} as `listAdapters` does.
 */
export function findAdapter(system: System, nameOrGuid: string): AdapterInfo | undefined {
  const found = listAdapters(system).find((info) => isMeant(info, nameOrGuid));
  if (found !== undefined) return found;
  const luid = system.network.find(nameOrGuid)?.luid;
  if (luid === undefined) return undefined;
  // If adapters change meanwhile, the list above may lack one of Wintun's, which must not be returned as foreign.
  const missed = findAdapterByLuid(system, luid);
  if (missed !== undefined) return missed;
  const addresses = system.network.addresses();
  const legacy = listLegacy(system, addresses).find((info) => info.luid === luid);
  if (legacy !== undefined) return legacy;
  const other = system.network.interface(luid).info();
  return other && describeForeign(system, other, addresses);
}

/** Returns the adapter with that LUID. @throws {Win32Error} as `listAdapters` does. */
export function findAdapterByLuid(system: System, luid: bigint): AdapterInfo | undefined {
  return listAdapters(system).find((info) => info.luid === luid);
}

/**
 * Returns the name by which WintunOpenAdapter finds the adapter with that LUID. wintun.dll sets it when it creates or renames
 * an adapter; a user who renames one changes only the name of the connection.
 * @throws {Win32Error} as `listDevices` does.
 */
export function nameForWintun(system: System, luid: bigint): string | undefined {
  return listDevices(system).find((device) => device.luid === luid)?.createdName;
}

/**
 * Sets the name by which WintunOpenAdapter finds the adapter with that instance id, as wintun.dll does when it renames one
 * itself. Does nothing if there is no such device.
 * @throws {Win32Error} 5 if this process is not elevated, and as `listDevices` does.
 */
export function setNameForWintun(system: System, instanceId: string, name: string): void {
  system.setupapi.devices({ enumerator: ENUMERATOR, present: true }, (device) => {
    if (sameName(device.instanceId, instanceId)) device.setProperty(NAME_PROPERTY, name);
  });
}

/**
 * Describes a device with its network interface. Returns `undefined` if it has none.
 * @param state Default: the media state of the interface.
 */
function describeDevice(
  system: System,
  device: WintunDevice,
  addresses: ReadonlyMap<bigint, readonly UnicastAddress[]>,
  state?: AdapterState,
): AdapterInfo | undefined {
  const found = device.luid === undefined ? undefined : system.network.interface(device.luid).info();
  if (found === undefined) return undefined;
  return describeInterface(system, found, {
    type: device.type,
    instanceId: device.instanceId,
    driverVersion: device.driverVersion,
    state: state ?? (found.connected ? "up" : "down"),
    addresses,
  });
}

function describeForeign(
  system: System,
  found: InterfaceInfo,
  addresses: ReadonlyMap<bigint, readonly UnicastAddress[]>,
): AdapterInfo {
  return describeInterface(system, found, {
    type: found.description,
    instanceId: "",
    driverVersion: undefined,
    state: "foreign",
    addresses,
  });
}

/** Describes a device without a network interface. */
function describeRemains(device: WintunDevice, state: AdapterState): AdapterInfo {
  return {
    name: device.createdName ?? device.instanceId,
    type: device.type,
    guid: device.guid,
    instanceId: device.instanceId,
    ...(device.driverVersion === undefined ? {} : { driverVersion: device.driverVersion }),
    state,
    ...NO_INTERFACE,
  };
}

function describeInterface(
  system: System,
  { alias, guid, luid, ifIndex, mtu }: InterfaceInfo,
  about: {
    readonly type: string;
    readonly instanceId: string;
    readonly driverVersion: string | undefined;
    readonly state: AdapterState;
    readonly addresses: ReadonlyMap<bigint, readonly UnicastAddress[]>;
  },
): AdapterInfo {
  const found = system.network.interface(luid);
  const ip = found.ip(4).settings() ?? found.ip(6).settings();
  return {
    name: alias,
    type: about.type,
    guid,
    luid,
    ifIndex,
    instanceId: about.instanceId,
    ...(about.driverVersion === undefined ? {} : { driverVersion: about.driverVersion }),
    state: about.state,
    mtu: ip?.mtu ?? mtu,
    metric: ip?.metric ?? 0,
    addresses: (about.addresses.get(luid) ?? [])
      .filter(({ linkLocal }) => !linkLocal)
      .map(({ address, prefixLength }) => ({ address, prefixLength })),
  };
}

function readDevice(system: System, device: Device): WintunDevice {
  const description = device.description ?? "";
  const type = description.endsWith(DESCRIPTION_SUFFIX)
    ? description.slice(0, -DESCRIPTION_SUFFIX.length)
    : description;
  return {
    instanceId: device.instanceId,
    hardwareIds: device.hardwareIds,
    type,
    createdName: device.property(NAME_PROPERTY),
    driverVersion: device.property(DRIVER_VERSION_PROPERTY),
    ...readDriverKey(system, device),
  };
}

/** Reads GUID and LUID of the device's network interface. Windows keeps them in the registry key of the device's driver. */
function readDriverKey(system: System, device: Device): Pick<WintunDevice, "guid" | "luid"> {
  const handle = device.openDriverKey();
  if (handle === undefined) return { guid: "", luid: undefined };
  using key = system.registry.adopt(handle);
  const [index, type] = [key.dword("NetLuidIndex"), key.dword("*IfType")];
  return {
    guid: normalGuid(key.text("NetCfgInstanceId") ?? "") ?? "",
    luid: index === undefined || type === undefined ? undefined : netLuid(type, index),
  };
}
