import { addressesOfNoHost, type Cidr, containsAddress, lastAddressOf } from "../../wire/cidr.ts";
import { equalIpAddress, type IpAddress } from "../../wire/ip_address.ts";
import type { NetworkPlan } from "./plan.ts";

/**
 * Returns how many routers each family needs: one for each hop, and one at least if ICMP errors come from a router. Where
 * none is needed, an address that a router could have is a host like others.
 */
export function routersNeeded(
  { hops, unreachable, pathMtu, changes }: Pick<NetworkPlan, "hops" | "unreachable" | "pathMtu" | "changes">,
): number {
  const isNarrow = [pathMtu, ...changes.map((change) => change.pathMtu)].some((mtu) =>
    typeof mtu === "number"
  );
  const least = unreachable || isNarrow ? 1 : 0;
  return Math.max(least, hops, ...changes.map((change) => change.hops ?? 0));
}

/**
 * Returns the addresses of the routers: those that are named, and then, in the first subnet of each family, the highest
 * addresses, downwards. The adapter's own address and those of no host are left out, and in IPv6 the reserved anycast
 * addresses (RFC 2526). A small subnet may have fewer than `count`.
 *
 * @param subnets The adapter's addresses.
 * @param count The number of routers that each family needs.
 * @param named Come first, and count.
 */
export function chooseRouters(
  subnets: readonly Cidr[],
  count: number,
  named: readonly IpAddress[],
): IpAddress[] {
  return ([4, 6] as const).flatMap((family) => {
    const routers = named.filter((address) => address.family === family);
    const subnet = subnets.find(({ address }) => address.family === family);
    if (subnet === undefined) return routers;
    const isTaken = (address: IpAddress): boolean =>
      [...subnets.map((one) => one.address), ...addressesOfNoHost(subnet), ...routers]
        .some((other) => equalIpAddress(other, address));
    let address = highestHost(subnet);
    while (routers.length < count && containsAddress(subnet, address)) {
      if (!isTaken(address)) routers.push(address);
      address = neighborOf(address, -1);
    }
    return routers;
  });
}

/**
 * Returns the address from which the network pings `target`: in the subnet of the target, or else in the first one of
 * its family, the next free address above the adapter's own, or below it. `undefined` if there is none.
 *
 * @param subnets The adapter's addresses.
 * @param routers The routers' addresses, which are not taken.
 */
export function pingSource(
  subnets: readonly Cidr[],
  target: IpAddress,
  routers: readonly IpAddress[],
): IpAddress | undefined {
  const ofFamily = subnets.filter(({ address }) => address.family === target.family);
  const subnet = ofFamily.find((one) => containsAddress(one, target)) ?? ofFamily[0];
  if (subnet === undefined) return undefined;
  const taken = [
    target,
    ...subnets.map(({ address }) => address),
    ...routers,
    ...subnets.flatMap(addressesOfNoHost),
  ];
  for (const step of [1, -1]) {
    let address = neighborOf(subnet.address, step);
    // Among this number of neighbors, one is free, or the subnet has ended.
    for (let tries = 0; tries <= taken.length && containsAddress(subnet, address); tries++) {
      if (!taken.some((other) => equalIpAddress(other, address))) return address;
      address = neighborOf(address, step);
    }
  }
  return undefined;
}

/** Of IPv6 subnets, the last 128 addresses are reserved for anycast (RFC 2526 section 2). */
const RESERVED_ANYCAST_BIT = 0x80;

function highestHost(subnet: Cidr): IpAddress {
  const { family, bytes } = lastAddressOf(subnet);
  if (family === 4 || subnet.prefixLength > 120) return { family, bytes };
  return { family, bytes: bytes.with(-1, bytes[15] ^ RESERVED_ANYCAST_BIT) };
}

/** Returns the address that is `step` (1 or -1) away. The last address is followed by the first. */
export function neighborOf({ family, bytes }: IpAddress, step: number): IpAddress {
  const next = bytes.slice();
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] += step;
    if (next[i] !== (step > 0 ? 0 : 0xff)) break;
  }
  return { family, bytes: next };
}
