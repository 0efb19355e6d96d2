import { type Cidr, formatCidr } from "../../wire/cidr.ts";

/** Warns of addresses whose subnet has no other address: the prefix lengths 32 of IPv4 and 128 of IPv6. */
export function loneAddressWarnings(addresses: readonly Cidr[]): string[] {
  return addresses
    .filter(({ address, prefixLength }) => prefixLength === 8 * address.bytes.length)
    .map((cidr) => `${formatCidr(cidr)} has no other address that could be pinged.`);
}
