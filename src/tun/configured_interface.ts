import type { IpSettings } from "../windows/network/ip_interface.ts";
import type { Family } from "../windows/network/sockaddr_inet.ts";
import type { AdapterInfo, InterfaceDetails } from "./adapter_info.ts";
import { DEFAULT_MTU } from "./mtu.ts";
import { givenCategory } from "./settings/category.ts";
import { SETTINGS, type Settings } from "./settings/settings.ts";

/** What `list` reports of an interface. */
export interface ConfiguredInterface extends Pick<AdapterInfo, "mtu" | "metric" | "addresses"> {
  readonly details: InterfaceDetails;
}

/**
 * Returns what `list` reports of an interface that has these settings and no session.
 * @param automaticMetric The metric where Windows is to choose it.
 */
export function configuredInterface(
  settings: Required<Settings>,
  automaticMetric: number,
): ConfiguredInterface {
  const { addresses, routes, dns, dnsSuffix, dnsSearch, dnsRegistration, dnsFor, category } = settings;
  const given = givenCategory(category);
  const ip = {
    4: ipSettingsOf(settings, 4, automaticMetric),
    6: ipSettingsOf(settings, 6, automaticMetric),
  };
  return {
    mtu: ip[4].mtu,
    metric: ip[4].metric,
    addresses,
    details: {
      ...{ connected: false, ip, routes, dns, dnsSuffix, dnsSearch, dnsRegistration, dnsFor },
      ...(given === undefined ? {} : { givenCategory: given }),
    },
  };
}

function ipSettingsOf(
  { mtu, metric, forwarding }: Required<Settings>,
  family: Family,
  automaticMetric: number,
): IpSettings {
  const set = SETTINGS.metric.spread(metric)[family] ?? 0;
  return {
    mtu: SETTINGS.mtu.spread(mtu)[family] ?? DEFAULT_MTU,
    metric: set === 0 ? automaticMetric : set,
    automaticMetric: set === 0,
    forwarding: SETTINGS.forwarding.spread(forwarding)[family] ?? false,
  };
}
