import type { Family } from "../../windows/network/sockaddr_inet.ts";
import { type Cidr, formatCidr, parseCidr } from "../../wire/cidr.ts";
import { formatIpAddress, type IpAddress, parseIpAddress } from "../../wire/ip_address.ts";
import { DEFAULT_MTU, IPV6_MIN_MTU } from "../mtu.ts";
import { type CategorySetting, readCategory } from "./category.ts";
import { type DnsRule, formatDnsRules, parseDnsRules } from "./dns_rule.ts";
import { parseDomain } from "./domain.ts";
import { formatRoute, parseRoute, type Route } from "./route.ts";
import {
  FAMILIES,
  interfaceSetting,
  listSetting,
  type Scope,
  type Setting,
  valueSetting,
} from "./setting.ts";

/**
 * The settings of an adapter's network interface, in the order in which changes list them. What the command line, orders,
 * changes and both hosts know of a setting follows from its entry here; src/tun/windows/settings/ reads and writes it.
 */
export const SETTINGS = {
  /** Bytes: 576 to 65535 for IPv4, 1280 to 65535 for IPv6. A smaller one for both is IPv4's only. */
  mtu: valueSetting<number>({
    name: "mtu",
    noun: "MTU",
    format: String,
    parse: parseNumber,
    familiesOf: (mtu) => mtu < IPV6_MIN_MTU ? [4] : FAMILIES,
  }),
  /** Interface metric, 1 to 9999; 0 means that Windows chooses it. */
  metric: valueSetting<number>({
    name: "metric",
    noun: "metric",
    format: (metric) => metric === 0 ? "automatic" : `${metric}`,
    parse: (text) => text === "automatic" ? 0 : parseNumber(text),
  }),
  /** Whether packets that arrive through the adapter for other hosts are forwarded. */
  forwarding: valueSetting<boolean>({
    name: "forwarding",
    noun: "forwarding",
    format: formatSwitch,
    parse: (text) => text === "on",
  }),
  /** Addresses that somebody set. Those that Windows assigned itself (fe80::) are not among them. */
  addresses: listSetting<Cidr>({
    name: "address",
    noun: "address",
    familyOf: ({ address }) => address.family,
    format: formatCidr,
    parse: parseCidr,
  }),
  /** Routes that somebody set. Those that belong to addresses are not among them. */
  routes: listSetting<Route>({
    name: "route",
    noun: "route",
    familyOf: ({ address }) => address.family,
    format: formatRoute,
    parse: (text) => parseRoute(text),
  }),
  /** DNS servers, in the order in which Windows asks them. */
  dns: listSetting<IpAddress>({
    name: "dns",
    noun: "DNS",
    familyOf: ({ family }) => family,
    format: formatIpAddress,
    parse: (text) => parseIpAddress(text),
    isOrdered: true,
  }),
  /** The connection's own DNS suffix, which Windows appends to a name without dots; "" for none. */
  dnsSuffix: interfaceSetting<string>({
    name: "dns-suffix",
    noun: "DNS suffix",
    format: (suffix) => suffix === "" ? [] : [suffix],
    parse: ([suffix = ""]) => suffix === "" ? suffix : parseDomain(suffix),
  }),
  /** The suffixes that Windows tries one after the other. */
  dnsSearch: interfaceSetting<readonly string[]>({
    name: "dns-search",
    noun: "DNS search list",
    format: (list) => list,
    parse: (texts) => texts.map(parseDomain),
  }),
  /** Whether Windows registers the adapter's addresses at its DNS servers. */
  dnsRegistration: interfaceSetting<boolean>({
    name: "dns-registration",
    noun: "DNS registration",
    format: (isOn) => [formatSwitch(isOn)],
    parse: ([text]) => text === "on",
  }),
  /** The category of the network behind the adapter, by which Windows' firewall chooses its rules. */
  category: interfaceSetting<CategorySetting>({
    name: "category",
    noun: "network category",
    format: (category) => [category],
    parse: ([text = ""]) => {
      const category = readCategory(text);
      if (category === undefined) throw new SyntaxError(`"${text}" is no category`);
      return category;
    },
  }),
  /** The DNS servers of names under a domain. They are rules of the machine, which this program removes with the adapter. */
  dnsFor: interfaceSetting<readonly DnsRule[]>({
    name: "dns-for",
    noun: "DNS rules",
    format: formatDnsRules,
    parse: parseDnsRules,
  }),
};

type ValueOf<S> = S extends Setting<infer V> ? V : never;

/** Settings of an adapter's network interface. A setting that is absent stays as it is. */
export type Settings = { readonly [Key in keyof typeof SETTINGS]?: ValueOf<(typeof SETTINGS)[Key]> };

/** The settings of a new adapter. `default` on the command line gives them back. */
export const NEW_SETTINGS: Required<Settings> = {
  mtu: DEFAULT_MTU,
  metric: 0,
  forwarding: false,
  addresses: [],
  routes: [],
  dns: [],
  dnsSuffix: "",
  dnsSearch: [],
  // The addresses of such an adapter do not belong in a company's DNS.
  dnsRegistration: false,
  category: "default",
  dnsFor: [],
};

/** All settings with their keys, without their types: for what is done with all of them alike. */
export const ALL_SETTINGS = Object.entries(
  SETTINGS,
) as readonly (readonly [keyof Settings, Setting<unknown>])[];

/** Returns the settings that an adapter with the settings `before` has after it is given `change`. */
export function mergeSettings(before: Settings, change: Settings): Settings {
  return mapSettings(change, (setting, value, key) => setting.merge(before[key], value), before);
}

/** Returns the part of the settings that concerns these IP versions. A list may be empty then, the value of an IP version is left out. */
export function restrictSettings(settings: Settings, families: readonly Family[]): Settings {
  return mapSettings(settings, (setting, value) => {
    const part = setting.restrict(value, families);
    return setting.scope !== "family" || setting.format(part).length > 0 ? part : undefined;
  });
}

/** Returns the settings of `settings` that `wanted` has too. */
export function selectSettings(settings: Settings, wanted: Settings): Settings {
  return mapSettings(settings, (_setting, value, key) => wanted[key] === undefined ? undefined : value);
}

/** Returns the settings of `wanted` that differ from those of `present`, or that it does not have. */
export function differingSettings(present: Settings, wanted: Settings): Settings {
  return mapSettings(wanted, (setting, value, key) => {
    const before = present[key];
    return before !== undefined && setting.isEqual(before, value) ? undefined : value;
  });
}

/** Returns the settings of one scope. */
export function settingsOfScope(settings: Settings, scope: Scope): Settings {
  return mapSettings(settings, (setting, value) => setting.scope === scope ? value : undefined);
}

/** Returns the texts of all settings, as their options take them. */
export function formatSettings(settings: Settings): string[] {
  return ALL_SETTINGS.flatMap(([key, setting]) => {
    const value = settings[key];
    return value === undefined ? [] : setting.format(value);
  });
}

/** Encodes settings as plain data for JSON: lists of the texts that the options take. */
export function encodeSettings(settings: Settings): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(ALL_SETTINGS.flatMap(([key, setting]) => {
    const value = settings[key];
    return value === undefined ? [] : [[key, setting.format(value)]];
  }));
}

/**
 * Decodes the data of `encodeSettings`. What is no list is left out.
 * @throws {SyntaxError} for a number that is none, and for a domain that is none.
 * @throws {AddressSyntaxError} for an address that is none.
 */
export function decodeSettings(data: Readonly<Record<string, unknown>>): Settings {
  return Object.fromEntries(ALL_SETTINGS.flatMap(([key, setting]) => {
    const texts = data[key];
    return Array.isArray(texts) ? [[key, setting.parse(texts.map(String))]] : [];
  }));
}

/** Returns `rest` with a new value of each setting that `settings` has. A value of `undefined` leaves it out. */
function mapSettings(
  settings: Settings,
  valueOf: (setting: Setting<unknown>, value: unknown, key: keyof Settings) => unknown,
  rest: Settings = {},
): Settings {
  const values = ALL_SETTINGS.flatMap(([key, setting]) => {
    const value = settings[key];
    return value === undefined ? [] : [[key, valueOf(setting, value, key)] as const];
  });
  return { ...rest, ...Object.fromEntries(values.filter(([, value]) => value !== undefined)) };
}

/** Writes a switch as the options take it: `on` or `off`. */
export function formatSwitch(isOn: boolean): string {
  return isOn ? "on" : "off";
}

function parseNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new SyntaxError(`"${text}" is no whole number`);
  return Number(text);
}
