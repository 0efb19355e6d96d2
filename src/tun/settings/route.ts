import { type Cidr, formatCidr, parseCidr } from "../../wire/cidr.ts";
import {
  AddressSyntaxError,
  equalIpAddress,
  formatIpAddress,
  type IpAddress,
  parseIpAddress,
} from "../../wire/ip_address.ts";

/** A network that is reached through an adapter. `address` has no host bits. */
export interface Route extends Cidr {
  /** The gateway, of the same IP version. Absent: the network is on the adapter's link. */
  readonly via?: IpAddress;
  /** Added to the interface metric, 0 to 9999. Default: 0. */
  readonly metric?: number;
}

/** The largest metric that a route can be given. */
export const MAX_ROUTE_METRIC = 9999;

/** Writes a route as `--route` takes it: `10.9.0.0/16,via=10.6.7.1,metric=5`. */
export function formatRoute(route: Route): string {
  const { via, metric = 0 } = route;
  return formatCidr(route) + (via === undefined ? "" : `,via=${formatIpAddress(via)}`) +
    (metric === 0 ? "" : `,metric=${metric}`);
}

/**
 * Reads a route as `--route` takes it. The parts behind the network can have any order.
 * @param readNetwork Reads the network. Default: any prefix.
 * @throws {AddressSyntaxError} and as `readNetwork` does.
 */
export function parseRoute(text: string, readNetwork: (text: string) => Cidr = parseCidr): Route {
  const [network, ...parts] = text.split(",");
  const { address, prefixLength } = readNetwork(network);
  let via: IpAddress | undefined;
  let metric: number | undefined;
  for (const part of parts) {
    const [name, value] = part.split("=", 2);
    if (name === "via" && via === undefined) via = parseIpAddress(value ?? "", text);
    else if (name === "metric" && metric === undefined) metric = parseMetric(value, text);
    else throw new AddressSyntaxError(`${text}: "${part}" is neither via=IP nor metric=N, each once`);
  }
  if (via !== undefined && via.family !== address.family) {
    throw new AddressSyntaxError(`${text}: network and gateway must be of the same IP version`);
  }
  return { address, prefixLength, ...(via === undefined ? {} : { via }), ...(metric ? { metric } : {}) };
}

/** Whether two routes are the same one to Windows, which tells them apart by network and gateway. */
export function isSameRoute(a: Route, b: Route): boolean {
  if (a.prefixLength !== b.prefixLength || !equalIpAddress(a.address, b.address)) return false;
  if (a.via === undefined || b.via === undefined) return a.via === b.via;
  return equalIpAddress(a.via, b.via);
}

function parseMetric(digits: string | undefined, text: string): number {
  const metric = /^\d+$/.test(digits ?? "") ? Number(digits) : NaN;
  if (metric <= MAX_ROUTE_METRIC) return metric;
  throw new AddressSyntaxError(`${text}: metric must be a whole number from 0 to ${MAX_ROUTE_METRIC}`);
}
