import type { Interface } from "../../../windows/network/interface.ts";
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
import { SETTINGS, type Settings } from "../../settings/settings.ts";
import type { Subject } from "./subject.ts";

/** The time that Windows may take to add an IP version to a new adapter's interface, which it makes after the device. */
const INTERFACE_WAIT_MS = 15_000;

/** The DNS servers. An older Windows does not report them, and an even older one cannot set them. */
export const dnsSubject: Subject = {
  read(found, families): Settings {
    const lists = families.map((family) => found.dns.get(family));
    const servers = lists.every((list) => list !== undefined) ? readServers(lists.flat()) : undefined;
    return servers === undefined ? {} : { dns: servers };
  },

  write({ found, families, present: { dns: present }, wanted: { dns: wanted }, operation, attempt }): void {
    if (wanted === undefined) return;
    for (const family of families) {
      const servers = SETTINGS.dns.restrict(wanted, [family]);
      const isLeft = present !== undefined &&
        SETTINGS.dns.isEqual(SETTINGS.dns.restrict(present, [family]), servers);
      if (isLeft) continue;
      try {
        attempt(
          `cannot set the IPv${family} DNS servers`,
          () => found.dns.set(family, servers.map(formatIpAddress)),
        );
      } catch (error) {
        throw error instanceof MissingFunctionError ? cannotSetDns(operation, error) : error;
      }
    }
  },
};

/**
 * Removes the DNS servers that Windows has kept under the GUID of a new adapter since an earlier one had it. Waits until the
 * interface has an IP version, at most `INTERFACE_WAIT_MS`.
 * @param now Milliseconds of a clock that never goes back.
 * @throws {Win32Error} if Windows reports servers and does not remove them.
 */
export async function forgetDns(found: Interface, now: () => number): Promise<void> {
  const isReady = (): boolean =>
    found.info() === undefined || FAMILIES.some((family) => found.ip(family).settings() !== undefined);
  await becomesTrue(isReady, now() + INTERFACE_WAIT_MS, now);
  for (const family of FAMILIES) {
    const servers = found.dns.get(family) ?? [];
    if (servers.length > 0) found.dns.set(family, []);
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
  return new HostError("failed", operation, "this Windows cannot set the DNS servers of an interface", {
    hint: `That needs ${cause.since} or later; leave out --dns.`,
    cause,
  });
}
