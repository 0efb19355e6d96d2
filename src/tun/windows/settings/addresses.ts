import type { Network } from "../../../windows/network/network.ts";
import { type Cidr, formatCidr } from "../../../wire/cidr.ts";
import { equalIpAddress } from "../../../wire/ip_address.ts";
import { addressIsTaken } from "../../host_error.ts";
import type { SettingsChange, Subject } from "./subject.ts";

/** The addresses that somebody set. Those that Windows assigned itself (fe80::) stay. */
export const addressSubject: Subject = {
  settings: ["addresses"],

  read: (found, families) => ({
    addresses: found.addresses.list()
      .filter(({ manual, address }) => manual && families.includes(address.family))
      .map(({ address, prefixLength }) => ({ address, prefixLength })),
  }),

  write(change): void {
    const { present: { addresses: present = [] }, wanted: { addresses: wanted } } = change;
    if (wanted === undefined) return;
    // New addresses are added before old ones are removed, so that the adapter always has one. The exception is an address
    // whose prefix length changes: Windows can have it once only.
    const old = present.filter((one) => !wanted.some((cidr) => equalCidr(cidr, one)));
    const inTheWay = old.filter((one) => wanted.some(({ address }) => equalIpAddress(address, one.address)));
    for (const one of inTheWay) removeAddress(change, one);
    for (const cidr of wanted) {
      if (!present.some((one) => equalCidr(cidr, one))) addAddress(change, cidr);
    }
    for (const one of old) {
      if (!inTheWay.includes(one)) removeAddress(change, one);
    }
  },
};

/**
 * Refuses addresses that another interface than the one with that NET_LUID has.
 * @throws {HostError} `failed`, which names the interface.
 */
export function refuseTakenAddresses(
  network: Network,
  luid: bigint | undefined,
  addresses: readonly Cidr[],
  operation: string,
): void {
  for (const cidr of addresses) {
    const holder = holderOf(network, luid, cidr);
    if (holder !== undefined) throw addressIsTaken(operation, cidr, holder);
  }
}

/** Returns the name of another interface that has the address. Several interfaces may have the same link-local address. */
function holderOf(network: Network, luid: bigint | undefined, { address }: Cidr): string | undefined {
  for (const [holder, present] of network.addresses()) {
    if (holder === luid) continue;
    const isTaken = present.some((one) => !one.linkLocal && equalIpAddress(one.address, address));
    if (isTaken) return network.interface(holder).info()?.alias ?? `the one with LUID ${holder}`;
  }
  return undefined;
}

function removeAddress({ found, attempt }: SettingsChange, cidr: Cidr): void {
  attempt(`cannot remove the address ${formatCidr(cidr)}`, () => found.addresses.remove(cidr));
}

function addAddress({ network, found, operation, attempt }: SettingsChange, cidr: Cidr): void {
  if (attempt(`cannot add the address ${formatCidr(cidr)}`, () => found.addresses.add(cidr))) return;
  // Windows also reports "exists already" for an address that another interface has.
  if (found.addresses.list().some(({ address }) => equalIpAddress(address, cidr.address))) return;
  throw addressIsTaken(operation, cidr, holderOf(network, found.luid, cidr));
}

function equalCidr(a: Cidr, b: Cidr): boolean {
  return a.prefixLength === b.prefixLength && equalIpAddress(a.address, b.address);
}
