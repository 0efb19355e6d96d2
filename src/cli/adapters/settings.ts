import { DEFAULT_MTU, IPV6_MIN_MTU, SMALL_MTU_HINT, smallMtuFault } from "../../tun/mtu.ts";
import { type CategorySetting, readCategory } from "../../tun/settings/category.ts";
import { dnsRulesOf, formatDnsRuleServer } from "../../tun/settings/dns_rule.ts";
import { formatRoute, MAX_ROUTE_METRIC } from "../../tun/settings/route.ts";
import { SETTINGS, type Settings } from "../../tun/settings/settings.ts";
import { DNS_SINCE } from "../../windows/network/dns.ts";
import { formatIpAddress } from "../../wire/ip_address.ts";
import { readDnsServer, readInterfaceAddress, readRoute } from "../arguments/addresses.ts";
import { readDnsRuleServer, readDomain } from "../arguments/domains.ts";
import { flag, type Options, single, type Values } from "../arguments/options.ts";
import { listOf, listOption, valueOf, valueOption } from "../arguments/setting_options.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { integerReader } from "../arguments/values.ts";

/** The form of an address, as help explains it. */
export const ADDRESS_FORM = "Address with prefix length, such as 10.6.7.7/24. IPv6 is written as fd00::7/64.";

/** The options that set an adapter's interface. */
export const SETTINGS_OPTIONS = {
  address: listOption(
    "CIDR",
    readInterfaceAddress,
    `${ADDRESS_FORM} The addresses that are given replace all addresses that the adapter has; none removes them all. ` +
      "Default: those that it has; a new adapter has none.",
  ),
  mtu: valueOption(
    "N",
    integerReader(576, DEFAULT_MTU),
    { default: DEFAULT_MTU },
    `Largest packet in bytes, 576 to ${DEFAULT_MTU}. default is ${DEFAULT_MTU}. With an IPv6 address it is at least ${IPV6_MIN_MTU}. ` +
      "ipv4=N and ipv6=N set it for one IP version. Default: what the adapter has; a new adapter has " +
      `${DEFAULT_MTU}.`,
  ),
  metric: valueOption(
    "N",
    integerReader(0, 9999),
    { default: 0, automatic: 0 },
    "Interface metric, 1 to 9999, or 0 for automatic. default is 0. Of two routes to the same network Windows takes " +
      "the one with the lower metric. ipv4=N and ipv6=N set it for one IP version. Default: what the adapter has; a new " +
      "adapter has 0.",
  ),
  forwarding: valueOption(
    "on|off",
    refuseOtherThanOnOff,
    { on: true, off: false, default: false },
    "Forward packets for other hosts. With on, Windows forwards what arrives through the adapter for other hosts. The adapter " +
      "through which it leaves needs forwarding as well. default is off. ipv4=on and ipv6=on set it for one IP version. " +
      "Default: what the adapter has; a new adapter has off.",
  ),
  dns: listOption(
    "IP",
    readDnsServer,
    "DNS server of the adapter, such as 10.6.7.1. Several are asked in the order in which they are given. The servers that " +
      "are given replace all DNS servers that the adapter has; none removes them all. " +
      `Needs ${DNS_SINCE} or later. Default: those that it has; a new adapter has none.`,
  ),
  "dns-suffix": single(
    "NAME",
    (text) => isBackToWindows(text) ? "" : readDomain(text),
    "DNS suffix of the connection. Windows appends it, such as lab.example, to names without dots; none removes it. " +
      `Needs ${DNS_SINCE} or later. Default: what the adapter has; a new adapter has none.`,
    ["none", "default"],
  ),
  "dns-search": listOption(
    "NAME",
    readDomainName,
    "DNS suffix that is tried, such as lab.example. Several are tried in the order in which they are given. They " +
      "replace all that the adapter has; none removes them all. " +
      `Needs ${DNS_SINCE} or later. Default: those that it has; a new adapter has none.`,
  ),
  "dns-for": listOption(
    "NAME=IP",
    readDnsRuleServer,
    "DNS server for the names under a domain. With lab.example=10.6.7.1 Windows asks 10.6.7.1 for them, and no other " +
      "server. Given again for the same domain, it adds a server, which is asked after the one before. They " +
      "replace all that the adapter has; none removes them all. They are removed with the adapter; wintun help adapters explains more. " +
      "Default: those that it has; a new adapter has none.",
  ),
  "dns-registration": single(
    "on|off",
    readRegistration,
    "Register the addresses in DNS. With on, Windows registers this computer's name with them on the DNS servers. default " +
      "is off. " +
      `Needs ${DNS_SINCE} or later. Default: what the adapter has; a new adapter has off.`,
    ["on", "off", "default", "none"],
  ),
  category: single(
    "CATEGORY",
    (text) => isBackToWindows(text) ? "default" : readGivenCategory(text),
    "Category of its network. It is private or public, and Windows' firewall chooses its rules by it. Windows identifies the " +
      "network some seconds after a session is open. The process that holds the adapter then gives the network this category, and " +
      "again whenever Windows identifies it anew. default makes the network public, as a new one is, and leaves its category to " +
      "Windows. Default: what the adapter has; for a new adapter Windows chooses.",
    ["private", "public", "default", "none"],
  ),
  route: listOption(
    "ROUTE",
    readRoute,
    "Network behind the adapter, such as 10.9.0.0/16. Windows sends packets for it to the adapter. With ,via=IP after it " +
      "the network is behind that gateway, and ,metric=N adds to the interface metric for this route, " +
      `0 to ${MAX_ROUTE_METRIC}: 10.9.0.0/16,via=10.6.7.1,metric=5. They replace all routes that were ` +
      "set before; none removes them all. The routes of the adapter's own subnets stay. Default: those that were set.",
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
  const addresses = listOf("address", values.address, ({ address }) => formatIpAddress(address));
  const routes = listOf("route", values.route, ({ metric: _, ...route }) => formatRoute(route));
  const dns = listOf("dns", values.dns, formatIpAddress);
  const mtu = valueOf("mtu", values.mtu, SETTINGS.mtu);
  const metric = valueOf("metric", values.metric, SETTINGS.metric);
  if (mtu?.[6] !== undefined && mtu[6] < IPV6_MIN_MTU) {
    throw new UsageError(`--mtu ipv6=${mtu[6]}: must be ${IPV6_MIN_MTU} or more.`);
  }
  const fault = mtu?.[4] === undefined ? undefined : smallMtuFault(mtu[4], addresses ?? []);
  if (fault !== undefined) throw new UsageError(`--mtu ${mtu?.[4]}: ${fault}.`, SMALL_MTU_HINT);
  const forwarding = valueOf("forwarding", values.forwarding, SETTINGS.forwarding);
  const search = listOf("dns-search", values["dns-search"], ({ domain }) => domain.toLowerCase());
  const dnsFor = listOf("dns-for", values["dns-for"], formatDnsRuleServer);
  const settings = {
    ...{ addresses, mtu, metric, forwarding, dns, routes },
    dnsSuffix: values["dns-suffix"],
    dnsSearch: search?.map(({ domain }) => domain),
    dnsRegistration: values["dns-registration"],
    category: values.category,
    dnsFor: dnsFor && dnsRulesOf(dnsFor),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Reads what is not one of the words of a switch. */
function refuseOtherThanOnOff(text: string): never {
  throw new UsageError(`${text}: must be on or off.`);
}

function isBackToWindows(text: string): boolean {
  return text === "none" || text === "default";
}

function readRegistration(text: string): boolean {
  if (text === "on") return true;
  return text === "off" || isBackToWindows(text) ? false : refuseOtherThanOnOff(text);
}

function readGivenCategory(text: string): CategorySetting {
  const category = readCategory(text);
  if (category !== undefined) return category;
  throw new UsageError(`${text}: must be private, public or default.`);
}

function readDomainName(text: string): { readonly domain: string } {
  return { domain: readDomain(text) };
}
