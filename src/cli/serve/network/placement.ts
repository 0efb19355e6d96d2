import { chooseRouters, pingSource, routersNeeded } from "../../../echo/network/addresses.ts";
import type { AddressRange, NetworkPlan, PingPlan } from "../../../echo/network/plan.ts";
import { addressesOfNoHost, type Cidr, containsAddress, formatCidr, networkOf } from "../../../wire/cidr.ts";
import { equalIpAddress, formatIpAddress, type IpAddress } from "../../../wire/ip_address.ts";
import { UsageError } from "../../arguments/usage_error.ts";
import { isSingle, type Named } from "./ranges.ts";
import type { NetworkRequest } from "./request.ts";

/** The networks whose packets come to an adapter. */
export interface ServedNetworks {
  /** The adapter's addresses. */
  readonly addresses: readonly Cidr[];
  /** Its other networks. Absent: they are not known yet, and any address may be in one. */
  readonly routes?: readonly Cidr[];
}

/**
 * Places a network behind an adapter.
 * @throws {UsageError} if the adapter's networks have no room for it.
 */
export function placeNetwork(request: NetworkRequest, served: ServedNetworks): NetworkPlan {
  const { hosts, changing, routers: _chosen, ping, ...others } = request;
  const routers = placeRouters(request, served);
  for (const named of [...hosts ?? [], ...changing]) refuseStray(named, served, routers);
  return {
    ...others,
    ...(hosts === undefined ? {} : { hosts: hosts.map(({ value }) => value) }),
    routers,
    ...(ping === undefined ? {} : { ping: placePing(ping, served, routers) }),
  };
}

/** Returns the addresses of all routers. */
function placeRouters(request: NetworkRequest, served: ServedNetworks): IpAddress[] {
  const { addresses } = served;
  const needed = routersNeeded(request);
  const named = request.routers.map(({ value }) => value);
  for (const [index, { name, value: router }] of request.routers.entries()) {
    refuseOutside(name, router, router, served);
    refuseNoHost(name, router, served);
    if (named.findIndex((other) => equalIpAddress(other, router)) < index) {
      throw new UsageError(`${name}: is given twice.`);
    }
  }
  const routers = chooseRouters(addresses, needed, named);
  for (const family of [4, 6] as const) {
    const chosen = named.filter((router) => router.family === family).length;
    if (chosen > needed) {
      throw new UsageError(
        `${chosen} IPv${family} routers have addresses, but ${
          needed === 1 ? "one is" : `${needed} are`
        } needed.`,
        "Name fewer routers, or give --hops a greater value.",
      );
    }
    const count = routers.filter((router) => router.family === family).length;
    const subnet = addresses.find(({ address }) => address.family === family);
    if (subnet === undefined || count >= needed) continue;
    const network = formatCidr(networkOf(subnet));
    if (count === 0) {
      throw new UsageError(
        `${network} has no address besides the adapter's own, and a router needs one.`,
        "Take a larger subnet.",
      );
    }
    throw new UsageError(
      `${network} has room for ${count === 1 ? "one router" : `${count} routers`}, but ${needed} are needed.`,
      "Take a larger subnet, or fewer hops.",
    );
  }
  return routers;
}

/** Refuses hosts that no packet can reach. @throws {UsageError} */
function refuseStray(
  { name, value: range }: Named<AddressRange>,
  served: ServedNetworks,
  routers: readonly IpAddress[],
): void {
  refuseOutside(name, range.first, range.last, served);
  if (!isSingle(range)) return;
  refuseNoHost(name, range.first, served);
  if (routers.some((router) => equalIpAddress(router, range.first))) {
    throw new UsageError(
      `${name}: is the address of a router.`,
      "Give the router another one with --router.",
    );
  }
}

/** Refuses a range of which no network of the adapter has all addresses. @throws {UsageError} */
function refuseOutside(
  name: string,
  first: IpAddress,
  last: IpAddress,
  { addresses, routes }: ServedNetworks,
): void {
  if (routes === undefined) return;
  const networks = [...addresses, ...routes];
  if (networks.some((network) => containsAddress(network, first) && containsAddress(network, last))) return;
  const list = [...new Set(networks.map((network) => formatCidr(networkOf(network))))];
  const where = list.length === 0
    ? "it has none"
    : list.length === 1
    ? `it has ${list[0]}`
    : `it has ${list.join(", ")}`;
  throw new UsageError(
    `${name}: is in no network of the adapter; ${where}.`,
    "--address gives it a subnet, and --route another network.",
  );
}

/** Refuses the adapter's own addresses, and those of no host. @throws {UsageError} */
function refuseNoHost(name: string, address: IpAddress, { addresses }: ServedNetworks): void {
  if (addresses.some((own) => equalIpAddress(own.address, address))) {
    throw new UsageError(`${name}: is the adapter's own address, for which Windows itself answers.`);
  }
  if (addresses.flatMap(addressesOfNoHost).some((other) => equalIpAddress(other, address))) {
    throw new UsageError(`${name}: is the first or the broadcast address of a subnet, which no host has.`);
  }
}

function placePing(
  { target, intervalMs }: NonNullable<NetworkRequest["ping"]>,
  { addresses, routes = [] }: ServedNetworks,
  routers: readonly IpAddress[],
): PingPlan {
  const name = `--ping ${formatIpAddress(target)}`;
  const isOwn = addresses.some(({ address }) => equalIpAddress(address, target));
  if (!isOwn && [...addresses, ...routes].some((network) => containsAddress(network, target))) {
    const own = addresses.find(({ address }) => address.family === target.family);
    throw new UsageError(
      `${name}: is an address that this command itself serves.`,
      own === undefined ? "" : `The adapter's own address is ${formatIpAddress(own.address)}.`,
    );
  }
  const source = pingSource(addresses, target, routers);
  if (source !== undefined) return { target, source, intervalMs };
  throw new UsageError(
    `${name}: the adapter has no IPv${target.family} subnet with a free address from which to ping.`,
    `Give --address with a subnet, such as ${target.family === 4 ? "10.6.7.7/24" : "fd00:6:7::7/64"}.`,
  );
}
