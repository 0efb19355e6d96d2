import type { Network } from "../../windows/network/network.ts";
import { ERROR_FILE_NOT_FOUND, ERROR_NOT_FOUND, Win32Error } from "../../windows/win32_error.ts";
import type { System } from "../../windows/system.ts";
import type { AdapterInfo, InterfaceDetails } from "../adapter_info.ts";
import { FAMILIES } from "../settings/setting.ts";
import { withDnsRules } from "./dns_rules.ts";
import { GivenCategories } from "./given_categories.ts";
import { withCategories } from "./network_categories.ts";
import { dnsSubject } from "./settings/dns.ts";
import { routeSubject } from "./settings/routes.ts";

/**
 * Adds what Windows reports of the adapters' network interfaces, for those that have one.
 * @param categories Whether to add the categories of their networks, too. Windows takes some milliseconds for these.
 * @throws {Win32Error}
 */
export async function withDetails(
  infos: readonly AdapterInfo[],
  system: System,
  { categories }: { readonly categories: boolean },
): Promise<AdapterInfo[]> {
  const { namePolicy, network, registry } = system;
  const detailed = withDnsRules(infos.map((info) => withInterface(info, network)), namePolicy);
  return await withCategories(detailed, system, new GivenCategories(registry), categories);
}

function withInterface(info: AdapterInfo, network: Network): AdapterInfo {
  try {
    const details = info.luid === 0n ? undefined : readDetails(info.luid, network);
    return details === undefined ? info : { ...info, details };
  } catch (error) {
    // Somebody removes it at this moment.
    if (error instanceof Win32Error && [ERROR_FILE_NOT_FOUND, ERROR_NOT_FOUND].includes(error.code)) {
      return info;
    }
    throw error;
  }
}

function readDetails(luid: bigint, network: Network): InterfaceDetails | undefined {
  const found = network.interface(luid);
  const info = found.info();
  if (info === undefined) return undefined;
  const { routes = [] } = routeSubject.read(found, FAMILIES);
  const [ipv4, ipv6] = [found.ip(4).settings(), found.ip(6).settings()];
  return {
    connected: info.connected,
    ip: { ...(ipv4 === undefined ? {} : { 4: ipv4 }), ...(ipv6 === undefined ? {} : { 6: ipv6 }) },
    routes,
    ...dnsSubject.read(found, FAMILIES),
    traffic: info.traffic,
  };
}
