import type { Cidr } from "../wire/cidr.ts";
import type { PerFamily } from "./settings/setting.ts";
import { HostError } from "./host_error.ts";

/** Bytes. Every link that carries IPv6 accepts packets of this size (RFC 8200 section 5). */
export const IPV6_MIN_MTU = 1280;

/** Bytes. The MTU of a new adapter, which is the size of the largest packet that Wintun takes (wintun.h). */
export const DEFAULT_MTU = 65535;

/** The advice for a user who asked for an MTU that `smallMtuFault` refuses. */
export const SMALL_MTU_HINT = `Choose an MTU of ${IPV6_MIN_MTU} or more, or leave out the IPv6 addresses.`;

/**
 * Returns why an adapter with these addresses cannot have the MTU, as part of a sentence; `undefined` when it can.
 * @param mtu Bytes.
 */
export function smallMtuFault(mtu: number, addresses: readonly Cidr[]): string | undefined {
  if (mtu >= IPV6_MIN_MTU || !addresses.some(({ address }) => address.family === 6)) return undefined;
  return `IPv6 needs an MTU of ${IPV6_MIN_MTU} or more, not ${mtu}`;
}

/** The MTU in bytes and the addresses that somebody set, of an adapter or of a command. */
interface MtuAndAddresses {
  readonly mtu?: PerFamily<number> | undefined;
  readonly addresses?: readonly Cidr[] | undefined;
}

/** Returns the MTU of IPv4 in bytes, or `undefined` if there is none. */
export function ipv4Mtu(mtu: PerFamily<number> | undefined): number | undefined {
  return typeof mtu === "object" ? mtu[4] : mtu;
}

/**
 * Refuses settings that would leave an adapter with IPv6 addresses and an MTU that is too small for IPv6. Settings that ask
 * for neither an MTU nor addresses are accepted.
 *
 * @param present The adapter's own. Its MTU is `undefined` while it has no IPv4 interface.
 * @throws {HostError} `invalid`.
 */
export function refuseSmallMtu(
  operation: string,
  asked: MtuAndAddresses,
  present: MtuAndAddresses,
): void {
  const mtu = ipv4Mtu(asked.mtu) ?? ipv4Mtu(present.mtu);
  const isAsked = asked.mtu !== undefined || asked.addresses !== undefined;
  if (mtu === undefined || !isAsked) return;
  const fault = smallMtuFault(mtu, asked.addresses ?? present.addresses ?? []);
  if (fault !== undefined) throw new HostError("invalid", operation, fault, { hint: SMALL_MTU_HINT });
}
