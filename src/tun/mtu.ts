import type { Cidr } from "../wire/cidr.ts";

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
