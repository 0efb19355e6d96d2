import type { System } from "../../windows/system.ts";
import type { Cidr } from "../../wire/cidr.ts";
import type { AdapterInfo } from "../adapter_info.ts";
import { sameName } from "../adapter_name.ts";
import { listDevices } from "./devices.ts";
import { type Holders, nameOfHolder } from "./holders.ts";

/** Returns the networks of all addresses and routes of this machine. @throws {Win32Error} */
export function usedNetworks({ network }: System): Cidr[] {
  return [...network.addresses().values(), ...network.routes().values()].flat();
}

/**
 * Returns what is left of an adapter, as parts of a sentence. Devices that Windows only remembers count.
 * @throws {Win32Error} if Windows cannot list devices.
 */
export function remainsOf(
  system: System,
  holders: Holders,
  { guid, luid, instanceId }: AdapterInfo,
): string[] {
  const hasDevice = listDevices(system, { remembered: true })
    .some((device) => sameName(device.instanceId, instanceId));
  const holder = holders.find(guid);
  return [
    ...(hasDevice ? [`the device ${instanceId}`] : []),
    ...(system.network.interface(luid).info() === undefined ? [] : ["its network interface"]),
    ...(system.network.addresses().has(luid) ? ["an address"] : []),
    ...(system.network.routes().has(luid) ? ["a route"] : []),
    ...(holder === undefined ? [] : [`the record of ${nameOfHolder(holder)}`]),
  ];
}
