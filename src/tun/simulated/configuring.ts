import type { Cidr } from "../../wire/cidr.ts";
import { equalIpAddress } from "../../wire/ip_address.ts";
import { changesBetween } from "../changes.ts";
import type { Configured, ConfigureOptions } from "../host.ts";
import { addressIsTaken, networkNotIdentified, rulesWouldStay } from "../host_error.ts";
import { refuseSmallMtu } from "../mtu.ts";
import { nameBefore, newNameIsTaken, refuseBadName, withNewName } from "../new_name.ts";
import { CATEGORY_OF_NEW_NETWORKS, givenCategory } from "../settings/category.ts";
import { mergeSettings, type Settings } from "../settings/settings.ts";
import { infoOf } from "./adapter_info.ts";
import {
  findInterface,
  findWaiting,
  hasInterface,
  isUp,
  type Machine,
  type MachineAdapter,
} from "./machine.ts";

/**
 * Changes the settings of an adapter, and its name.
 * @throws {HostError} as `Host.configure` does.
 */
export function configureAdapter(
  machine: Machine,
  adapter: MachineAdapter,
  settings: Settings,
  operation: string,
  { dryRun = false, name }: ConfigureOptions = {},
): Configured {
  if (name !== undefined) refuseNewName(machine, adapter, name, operation);
  refuseSmallMtu(operation, settings, adapter.settings);
  if (hasInterface(adapter)) {
    refuseTakenAddresses(machine, adapter, settings.addresses ?? [], operation);
  }
  const isOthers = adapter.holding.kind === "other";
  if (isOthers) refuseWhatOthersDoNotKeep(adapter, settings, operation);
  const present = isOthers ? withNetworkCategory(adapter, settings) : adapter.settings;
  const changes = changesBetween(present, settings);
  const before = nameBefore(infoOf(adapter), name);
  if (!dryRun) {
    adapter.settings = { ...adapter.settings, ...mergeSettings(adapter.settings, settings) };
    if (name !== undefined) Object.assign(adapter, { name, createdAs: name });
  }
  return withNewName({ changed: changes.length > 0, changes, warnings: [] }, before, name);
}

/** Refuses settings that only the process that holds an adapter can keep. @throws {HostError} `failed`. */
function refuseWhatOthersDoNotKeep(
  adapter: MachineAdapter,
  { dnsFor = [], category = "default" }: Settings,
  operation: string,
): void {
  if (dnsFor.length > 0) throw rulesWouldStay(operation);
  if (category !== "default" && !isUp(adapter)) throw networkNotIdentified(operation);
}

/** Returns the settings of another program's adapter, with the category that its network has now. */
function withNetworkCategory(adapter: MachineAdapter, wanted: Settings): Settings {
  const category = givenCategory(adapter.settings.category) ?? CATEGORY_OF_NEW_NETWORKS;
  const isDefault = !isUp(adapter) || wanted.category === "default" && category === CATEGORY_OF_NEW_NETWORKS;
  return { ...adapter.settings, category: isDefault ? "default" : category };
}

/** Refuses addresses that are in use. @throws {HostError} `failed` if another adapter has one of them. */
export function refuseTakenAddresses(
  { adapters }: Machine,
  adapter: MachineAdapter | undefined,
  addresses: readonly Cidr[],
  operation: string,
): void {
  for (const cidr of addresses) {
    const holder = adapters.find((other) =>
      other !== adapter && hasInterface(other) &&
      other.settings.addresses.some(({ address }) => equalIpAddress(address, cidr.address))
    );
    if (holder !== undefined) throw addressIsTaken(operation, cidr, holder.name);
  }
}

function refuseNewName(
  machine: Machine,
  adapter: MachineAdapter,
  name: string,
  operation: string,
): void {
  refuseBadName(operation, name);
  const holder = findInterface(machine, name) ??
    findWaiting(machine, { name, guid: "" }, "starting", "stopped");
  if (holder !== undefined && holder !== adapter) throw newNameIsTaken(operation, name);
}
