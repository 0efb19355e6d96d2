import type { Settings } from "../../tun/host.ts";
import { IPV6_MIN_MTU, SMALL_MTU_HINT, smallMtuFault } from "../../tun/mtu.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { formatIpAddress } from "../../wire/ip_address.ts";
import { readDnsServer, readInterfaceAddress, readRoute } from "../arguments/addresses.ts";
import { type Options, repeated, single, type Values } from "../arguments/options.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { integerReader } from "../arguments/values.ts";

/** What an adapter's interface can be set to. */
export const SETTINGS_OPTIONS = {
  address: repeated(
    "CIDR",
    readInterfaceAddress,
    "Address of the adapter with its prefix length, such as 10.6.7.7/24 or fd00::7/64. All that are given take the " +
      "place of all that were set before.",
  ),
  mtu: single(
    "N",
    integerReader(576, 65535),
    `Largest packet in bytes: 576 to 65535, with an IPv6 address ${IPV6_MIN_MTU} and more. Default: as it is; a new adapter has ` +
      "65535.",
  ),
  metric: single(
    "N",
    integerReader(0, 9999),
    "Interface metric: 1 to 9999; 0 lets Windows choose it. Default: as it is; for a new adapter Windows chooses it.",
  ),
  dns: repeated(
    "IP",
    readDnsServer,
    "DNS server for names that are asked over this adapter, in order. Needs Windows 10 version 1809 or later.",
  ),
  route: repeated(
    "CIDR",
    readRoute,
    "Destination that is reached through the adapter, such as 10.9.0.0/16. All that are given take the place of all " +
      "that were set before.",
  ),
} as const satisfies Options;

/** What was given, as settings. @throws {UsageError} where the parts do not fit together. */
export function readSettings(values: Values<typeof SETTINGS_OPTIONS>): Settings {
  const { address, mtu, metric, dns, route } = values;
  const fault = mtu === undefined ? undefined : smallMtuFault(mtu, address);
  if (fault !== undefined) throw new UsageError(`--mtu ${mtu}: ${fault}.`, SMALL_MTU_HINT);
  refuseTwice("address", address.map((cidr) => formatIpAddress(cidr.address)));
  refuseTwice("dns", dns.map(formatIpAddress));
  refuseTwice("route", route.map(formatCidr));
  return {
    ...(address.length === 0 ? {} : { addresses: address }),
    ...(mtu === undefined ? {} : { mtu }),
    ...(metric === undefined ? {} : { metric }),
    ...(dns.length === 0 ? {} : { dns }),
    ...(route.length === 0 ? {} : { routes: route }),
  };
}

function refuseTwice(name: string, texts: readonly string[]): void {
  const twice = texts.find((text, index) => texts.indexOf(text) < index);
  if (twice !== undefined) throw new UsageError(`--${name} ${twice} is given twice.`);
}
