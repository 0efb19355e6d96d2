import { broadcastOf, type Cidr, formatCidr, networkOf, parseCidr } from "../../wire/cidr.ts";
import { parseRoute, type Route } from "../../tun/settings/route.ts";
import { AddressSyntaxError, equalIpAddress, type IpAddress, parseIpAddress } from "../../wire/ip_address.ts";
import { UsageError } from "./usage_error.ts";

// The message of each UsageError continues after the option's name: `--dns ::: must be …`.

/**
 * Reads an adapter's address with its prefix length, such as 10.6.7.7/24 or fd00::7/64.
 * @throws {UsageError} for a text that is no such address, and for an address that no host can have.
 */
export function readInterfaceAddress(text: string): Cidr {
  const cidr = readSyntax(text, parseCidr);
  const kind = specialKind(cidr.address) ?? endOfSubnet(cidr);
  if (kind !== undefined) throw new UsageError(`${text}: must be a host's address, not ${kind}.`);
  if (cidr.prefixLength === 0) {
    const { family, bytes } = cidr.address;
    throw new UsageError(
      `${text}: must have a prefix length from 1 to ${8 * bytes.length}.`,
      `With /0 all IPv${family} addresses would be in the adapter's own subnet.`,
    );
  }
  return cidr;
}

/**
 * Reads a DNS server's address, such as 10.6.7.1 or fd00::1. A loopback address is allowed.
 * @throws {UsageError} for a text that is no address, and for an address that no server can have.
 */
export function readDnsServer(text: string): IpAddress {
  const address = readSyntax(text, parseIpAddress);
  const kind = specialKind(address);
  if (kind === undefined || kind === "loopback") return address;
  throw new UsageError(`${text}: must be a server's address, not ${kind}.`);
}

/**
 * Reads the address of one host, such as 10.6.7.1 or fd00::1.
 * @throws {UsageError} for a text that is no address, and for an address that no host on a network has.
 */
export function readHostAddress(text: string): IpAddress {
  const address = readSyntax(text, parseIpAddress);
  const kind = specialKind(address);
  if (kind === undefined) return address;
  throw new UsageError(`${text}: must be a host's address, not ${kind}.`);
}

/**
 * Reads a route: a network such as 10.9.0.0/16, or 0.0.0.0/0 for all, and perhaps `,via=IP` and `,metric=N` after it.
 * @throws {UsageError} for a text that is no route, for a network that no other host can be in, and for a gateway that no host
 * can be.
 */
export function readRoute(text: string): Route {
  const [, network, word, value] = /^(\S+)\s+(via|gw|gateway|metric|dev)\b\s*(\S*)/i.exec(text) ?? [];
  if (word !== undefined) {
    const part = /^dev$/i.test(word) ? "" : /^metric$/i.test(word) ? `,metric=${value}` : `,via=${value}`;
    throw new UsageError(
      `${text}: must be a network, and may have ,via=IP and ,metric=N after it.`,
      `Did you mean ${network}${part}?`,
    );
  }
  const route = readSyntax(text, (route) => parseRoute(route, readNetwork));
  const kind = route.via && specialKind(route.via);
  if (kind !== undefined) throw new UsageError(`${text}: via must be a host's address, not ${kind}.`);
  return route;
}

function readNetwork(text: string): Cidr {
  const cidr = parseCidr(text);
  const network = networkOf(cidr);
  if (!equalIpAddress(network.address, cidr.address)) {
    throw new UsageError(`${text}: has bits set after the prefix.`, `Did you mean ${formatCidr(network)}?`);
  }
  const kind = specialKind(cidr.address);
  if (kind === undefined || kind === "unspecified") return cidr;
  throw new UsageError(`${text}: must be a network of other hosts, not ${kind}.`);
}

function readSyntax<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof AddressSyntaxError)) throw error;
    throw new UsageError(`${error.message}.`);
  }
}

type SpecialKind = "unspecified" | "loopback" | "multicast" | "reserved" | "IPv4-mapped";

/** Returns the kind of an address that no single host on a network has (RFC 6890, RFC 4291), or `undefined`. */
function specialKind({ family, bytes }: IpAddress): SpecialKind | undefined {
  if (family === 4) {
    if (bytes[0] === 0) return "unspecified";
    if (bytes[0] === 127) return "loopback";
    if (bytes[0] >= 224 && bytes[0] < 240) return "multicast";
    return bytes[0] >= 240 ? "reserved" : undefined;
  }
  if (bytes[0] === 0xff) return "multicast";
  if (bytes.subarray(0, 10).some((byte) => byte !== 0)) return undefined;
  if (bytes[10] === 0xff && bytes[11] === 0xff) return "IPv4-mapped";
  if (bytes.subarray(10, 15).some((byte) => byte !== 0)) return undefined;
  return bytes[15] === 0 ? "unspecified" : bytes[15] === 1 ? "loopback" : undefined;
}

/**
 * Returns which end of its IPv4 subnet an address is, or `undefined` if it is none. Subnets with the prefix lengths 31
 * (RFC 3021) and 32 have no such ends.
 */
function endOfSubnet(cidr: Cidr): string | undefined {
  const broadcast = broadcastOf(cidr);
  if (broadcast === undefined) return undefined;
  if (equalIpAddress(cidr.address, broadcast)) return "the broadcast address of its subnet";
  return equalIpAddress(cidr.address, networkOf(cidr).address) ? "the network of its subnet" : undefined;
}
