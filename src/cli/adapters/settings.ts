import type { Settings } from "../../tun/host.ts";
import { IPV6_MIN_MTU, SMALL_MTU_HINT, smallMtuFault } from "../../tun/mtu.ts";
import { DNS_SINCE } from "../../windows/network/dns.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { formatIpAddress } from "../../wire/ip_address.ts";
import { readDnsServer, readInterfaceAddress, readRoute } from "../arguments/addresses.ts";
import { flag, type Options, repeated, single, type Values } from "../arguments/options.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { integerReader } from "../arguments/values.ts";

/** The form of an address, as help explains it. */
export const ADDRESS_FORM = "Address with prefix length, such as 10.6.7.7/24. IPv6 is written as fd00::7/64.";

/** The options that set an adapter's interface. */
export const SETTINGS_OPTIONS = {
  address: repeated(
    "CIDR",
    readInterfaceAddress,
    `${ADDRESS_FORM} The addresses that are given replace all addresses that the adapter has. Default: those that it ` +
      "has; a new adapter has none.",
  ),
  mtu: single(
    "N",
    integerReader(576, 65535),
    `Largest packet in bytes, 576 to 65535. With an IPv6 address it is ${IPV6_MIN_MTU} at least. Default: what the ` +
      "adapter has; a new adapter has 65535.",
  ),
  metric: single(
    "N",
    integerReader(0, 9999),
    "Interface metric, 1 to 9999, or 0 for automatic. Of two routes to the same network Windows takes the one with " +
      "the lower metric. With 0 Windows chooses the metric. Default: what the adapter has; 0 for a new adapter.",
  ),
  dns: repeated(
    "IP",
    readDnsServer,
    "DNS server of the adapter, such as 10.6.7.1. Several are asked in the order in which they are given. The servers that " +
      `are given replace all DNS servers that the adapter has. Needs ${DNS_SINCE} or later. Default: those that it has.`,
  ),
  route: repeated(
    "CIDR",
    readRoute,
    "Network behind the adapter, such as 10.9.0.0/16. Windows sends packets for it to the adapter. The routes that are " +
      "given replace all routes that were set before; those of the addresses stay. Default: those that were set.",
  ),
} as const satisfies Options;

/** The rule of commands that change an adapter, as help states it. */
export const OTHERS_NEED_FORCE = "An adapter that another program made is refused, unless --force is given.";

/** The option that allows to change the settings of another program's adapter. */
export const FORCE_OPTION = {
  force: flag(
    "Also change an adapter that another program made. That program is not notified. Its connections may break, and it may " +
      "set the adapter back.",
  ),
} as const satisfies Options;

/** Reads the settings from the options. @throws {UsageError} if they do not fit together. */
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
