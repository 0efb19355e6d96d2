import type { Cidr } from "../wire/cidr.ts";
import type { Settings } from "./host.ts";
import { HostError } from "./host_error.ts";

/** RFC 8200 section 5: every link that carries IPv6 takes packets of this size in bytes. */
export const IPV6_MIN_MTU = 1280;

/** What to do about what `smallMtuFault` returns. */
export const SMALL_MTU_HINT = `Choose an MTU of ${IPV6_MIN_MTU} or more, or leave out the IPv6 addresses.`;

/**
 * Why an adapter with these addresses cannot have an MTU of so many bytes, as part of a sentence; `undefined` when it
 * can.
 */
export function smallMtuFault(mtu: number, addresses: readonly Cidr[]): string | undefined {
  if (mtu >= IPV6_MIN_MTU || !addresses.some(({ address }) => address.family === 6)) return undefined;
  return `IPv6 needs an MTU of ${IPV6_MIN_MTU} or more, not ${mtu}`;
}

/**
 * Makes sure that an adapter keeps an MTU that IPv6 can have, if it has IPv6 addresses once `settings` are applied.
 *
 * @param present What the adapter has: its MTU, `undefined` while it is a new one's, and the addresses that somebody set.
 * @throws {HostError} `invalid`.
 */
export function refuseSmallMtu(
  operation: string,
  settings: Settings,
  present: { readonly mtu: number | undefined; readonly addresses: readonly Cidr[] },
): void {
  const mtu = settings.mtu ?? present.mtu;
  const isAsked = settings.mtu !== undefined || settings.addresses !== undefined;
  if (mtu === undefined || !isAsked) return;
  const fault = smallMtuFault(mtu, settings.addresses ?? present.addresses);
  if (fault !== undefined) throw new HostError("invalid", operation, fault, { hint: SMALL_MTU_HINT });
}
