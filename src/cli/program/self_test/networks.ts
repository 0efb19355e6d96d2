import type { Family } from "../../../windows/network/sockaddr_inet.ts";
import { HostError } from "../../../tun/host_error.ts";
import type { Settings } from "../../../tun/settings/settings.ts";
import { type Cidr, containsAddress, formatCidr, networkOf, parseCidr } from "../../../wire/cidr.ts";
import type { IpAddress } from "../../../wire/ip_address.ts";

/** The networks for documentation (RFC 5737), which no real network uses. */
const IPV4_NETWORKS = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"].map(parseCidr);
/** A part of the network for documentation (RFC 3849), for a machine that routes all unique local addresses somewhere. */
const IPV6_DOCUMENTATION = parseCidr("2001:db8:5e1f::/48");
const UNIQUE_LOCAL_BYTES = 6;

/**
 * A route to a network of this size does not matter, such as a default route or one of the two halves that some VPNs set: the routes
 * of the test are more specific.
 */
const LARGE_NETWORK_BITS = 8;

/** The MTU that is set: small enough that large pings are sent in fragments, and large enough for IPv6. */
const MTU = 1400;
/** The interface metric that is set: for a machine with several DNS servers or default routes, others come first. */
const METRIC = 9000;

/** The addresses that the test pings. */
export interface Targets {
  /** In the subnet of the adapter's address. */
  readonly near: IpAddress;
  /** In a network to which a route leads through the adapter. */
  readonly routed: IpAddress;
}

/** The settings of the test's adapter, and what it pings. */
export interface TestNetworks {
  readonly settings: Settings;
  readonly targets: Readonly<Record<Family, Targets>>;
}

/**
 * Chooses addresses and routes that do not collide with those of the machine.
 * @param used The networks of the machine's addresses and routes.
 * @param first Which of the networks for documentation is tried first, from 0 on. Default: 0.
 * @throws {HostError} `failed` if they leave none.
 */
export function chooseNetworks(used: readonly Cidr[], first = 0): TestNetworks {
  const start = first % IPV4_NETWORKS.length;
  const ipv4 = firstFree([...IPV4_NETWORKS.slice(start), ...IPV4_NETWORKS.slice(0, start)], used);
  const ipv6 = firstFree([uniqueLocal(), uniqueLocal(), IPV6_DOCUMENTATION], used);
  // Each network is divided into the adapter's subnet and a network behind it.
  const [near4, routed4] = [within(ipv4, 3, 9), within(ipv4, 3, 200)];
  const [near6, routed6] = [within(ipv6, 15, 9), within(within(ipv6, 7, 1), 15, 9)];
  return {
    settings: {
      mtu: MTU,
      metric: METRIC,
      addresses: [
        { address: within(ipv4, 3, 1).address, prefixLength: 25 },
        { address: within(ipv6, 15, 1).address, prefixLength: 64 },
      ],
      routes: [
        networkOf({ address: routed4.address, prefixLength: 25 }),
        networkOf({ address: routed6.address, prefixLength: 64 }),
      ],
      dns: [near4.address, near6.address],
    },
    targets: {
      4: { near: near4.address, routed: routed4.address },
      6: { near: near6.address, routed: routed6.address },
    },
  };
}

function firstFree(candidates: readonly Cidr[], used: readonly Cidr[]): Cidr {
  const free = candidates.find((candidate) => !used.some((network) => collides(candidate, network)));
  if (free !== undefined) return free;
  const names = candidates.map(formatCidr).join(", ");
  throw new HostError(
    "failed",
    "Cannot choose addresses for the self-test",
    `the machine uses all of ${names}`,
    {
      hint: "Remove one of these addresses or routes.",
    },
  );
}

function collides(candidate: Cidr, used: Cidr): boolean {
  if (used.prefixLength < LARGE_NETWORK_BITS) return false;
  return containsAddress(candidate, used.address) || containsAddress(used, candidate.address);
}

/** Returns a random network of unique local addresses (RFC 4193). */
function uniqueLocal(): Cidr {
  const bytes = new Uint8Array(16);
  crypto.getRandomValues(bytes.subarray(0, UNIQUE_LOCAL_BYTES));
  bytes[0] = 0xfd;
  return { address: { family: 6, bytes }, prefixLength: 8 * UNIQUE_LOCAL_BYTES };
}

/** Returns the network with another byte in its address. */
function within({ address: { family, bytes }, prefixLength }: Cidr, index: number, byte: number): Cidr {
  return { address: { family, bytes: bytes.with(index, byte) }, prefixLength };
}
