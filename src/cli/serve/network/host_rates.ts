import type { HostTotals } from "../../../echo/network/statistics.ts";
import { formatIpAddress, type IpAddress } from "../../../wire/ip_address.ts";

/** The most addresses that statistics list while a network is served. */
export const BUSIEST_HOSTS = 10;

/** The totals of an address, and its packets a second since an earlier state. */
export interface HostRate extends HostTotals {
  readonly name: string;
  readonly packetsPerSecond: number;
}

/** Orders addresses: first IPv4, then by their bytes. */
function compareAddresses(one: IpAddress, other: IpAddress): number {
  if (one.family !== other.family) return one.family - other.family;
  const at = one.bytes.findIndex((byte, index) => byte !== other.bytes[index]);
  return at < 0 ? 0 : one.bytes[at] - other.bytes[at];
}

/**
 * Returns the addresses with most packets since an earlier state, the busiest first, and of equal ones in the order of their
 * totals.
 *
 * @param seconds The time since then. 0: since the beginning, so that rates are 0.
 * @param most The most addresses that are returned.
 */
export function busiestHosts(
  before: readonly HostTotals[],
  now: readonly HostTotals[],
  seconds: number,
  most: number,
): HostRate[] {
  const earlier = new Map(before.map(({ address, packets }) => [formatIpAddress(address), packets]));
  return now.map((host): HostRate => {
    const name = formatIpAddress(host.address);
    const packetsBefore = earlier.get(name) ?? 0;
    // An address that was forgotten meanwhile was counted from 0 again.
    const more = host.packets < packetsBefore ? host.packets : host.packets - packetsBefore;
    return { ...host, name, packetsPerSecond: seconds > 0 ? more / seconds : 0 };
  }).sort((one, other) =>
    other.packetsPerSecond - one.packetsPerSecond || other.packets - one.packets ||
    compareAddresses(one.address, other.address)
  ).slice(0, most);
}
