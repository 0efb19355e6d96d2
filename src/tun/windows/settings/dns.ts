import type { DnsSettings } from "../../../windows/network/dns.ts";
import type { Interface } from "../../../windows/network/interface.ts";
import type { Family } from "../../../windows/network/sockaddr_inet.ts";
import { MissingFunctionError } from "../../../windows/system_functions.ts";
import {
  AddressSyntaxError,
  formatIpAddress,
  type IpAddress,
  parseIpAddress,
} from "../../../wire/ip_address.ts";
import { becomesTrue } from "../../becomes_true.ts";
import { HostError } from "../../host_error.ts";
import { FAMILIES } from "../../settings/setting.ts";
import { differingSettings, NEW_SETTINGS, restrictSettings, type Settings } from "../../settings/settings.ts";
import type { Subject } from "./subject.ts";

/** The time that Windows may take to add an IP version to a new adapter's interface, which it makes after the device. */
const INTERFACE_WAIT_MS = 15_000;

type DnsSetting = "dns" | "dnsSuffix" | "dnsSearch" | "dnsRegistration";

/** The DNS settings. An older Windows does not report them, and an even older one cannot set them. */
export const dnsSubject: Subject<DnsSetting> = {
  settings: ["dns", "dnsSuffix", "dnsSearch", "dnsRegistration"],

  read(found, families): Pick<Settings, DnsSetting> {
    const reported = families.map((family) => found.dns.get(family));
    if (!reported.every((one) => one !== undefined)) return {};
    return settingsOf(reported, families);
  },

  write({ found, families, present, wanted, operation, attempt }): void {
    for (const family of families) {
      const change = changeOf(present, wanted, family);
      if (Object.keys(change).length === 0) continue;
      const what = change.servers === undefined ? "settings" : "servers";
      try {
        attempt(`cannot set the IPv${family} DNS ${what}`, () => found.dns.change(family, change));
      } catch (error) {
        throw error instanceof MissingFunctionError ? cannotSetDns(operation, error) : error;
      }
    }
  },
};

/** The DNS settings of a new adapter. */
const NEW_DNS: Settings = {
  dns: NEW_SETTINGS.dns,
  dnsSuffix: NEW_SETTINGS.dnsSuffix,
  dnsSearch: NEW_SETTINGS.dnsSearch,
  dnsRegistration: NEW_SETTINGS.dnsRegistration,
};

/** Windows keeps what is of the whole interface with the settings of this IP version. */
const INTERFACE_FAMILY = 4;

/** Returns what Windows has reported for each of these IP versions as settings. */
function settingsOf(
  reported: readonly DnsSettings[],
  families: readonly Family[],
): Pick<Settings, DnsSetting> {
  const servers = readServers(reported.flatMap((one) => one.servers));
  const ofInterface = reported.find((_, index) => families[index] === INTERFACE_FAMILY);
  return {
    ...(servers === undefined ? {} : { dns: servers }),
    ...(ofInterface === undefined ? {} : {
      dnsSuffix: ofInterface.suffix,
      dnsSearch: ofInterface.search,
      dnsRegistration: ofInterface.registration,
    }),
  };
}

/** Returns what is to change for one IP version. */
function changeOf(present: Settings, wanted: Settings, family: Family): Partial<DnsSettings> {
  const { dns, dnsSuffix, dnsSearch, dnsRegistration } = differingSettings(
    restrictSettings(present, [family]),
    restrictSettings(wanted, [family]),
  );
  const ofInterface = { suffix: dnsSuffix, search: dnsSearch, registration: dnsRegistration };
  const change = {
    servers: dns?.map(formatIpAddress),
    ...(family === INTERFACE_FAMILY ? ofInterface : {}),
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

/**
 * Gives a new adapter its DNS settings: removes what Windows has kept under its GUID since an earlier adapter had it, and turns
 * off registration. Waits until the interface has an IP version, at most `INTERFACE_WAIT_MS`. Changes nothing on a Windows that
 * does not report the settings.
 * @param now Milliseconds of a clock that never goes back.
 * @throws {Win32Error} if Windows refuses to change them.
 */
export async function setUpDns(found: Interface, now: () => number): Promise<void> {
  const isReady = (): boolean =>
    found.info() === undefined || FAMILIES.some((family) => found.ip(family).settings() !== undefined);
  await becomesTrue(isReady, now() + INTERFACE_WAIT_MS, now);
  for (const family of FAMILIES) {
    const reported = found.dns.get(family);
    if (reported === undefined) continue;
    const change = changeOf(settingsOf([reported], [family]), NEW_DNS, family);
    if (Object.keys(change).length > 0) found.dns.change(family, change);
  }
}

/** Reads the servers' addresses. Returns `undefined` if one has another form: another program may set any text. */
function readServers(texts: readonly string[]): readonly IpAddress[] | undefined {
  try {
    return texts.map((text) => parseIpAddress(text));
  } catch (error) {
    if (error instanceof AddressSyntaxError) return undefined;
    throw error;
  }
}

function cannotSetDns(operation: string, cause: MissingFunctionError): HostError {
  return new HostError("failed", operation, "this Windows cannot set the DNS settings of an interface", {
    hint: `That needs ${cause.since} or later; leave out the --dns options.`,
    cause,
  });
}
