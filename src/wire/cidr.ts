import { AddressSyntaxError, formatIpAddress, type IpAddress, parseIpAddress } from "./ip_address.ts";

/** An address with the length of its network's prefix, as in 10.6.7.7/24. Host bits are kept. */
export interface Cidr {
  readonly address: IpAddress;
  /** 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly prefixLength: number;
}

/**
 * Reads `address/prefix-length` (RFC 4632, RFC 4291 section 2.3). The length is required and host bits are kept.
 *
 * @throws {AddressSyntaxError} with a message that names the text and the rule.
 */
export function parseCidr(text: string): Cidr {
  const slash = text.indexOf("/");
  if (slash < 0) throw new AddressSyntaxError(`${text}: prefix length is missing, as in 10.6.7.7/24`);
  const address = parseIpAddress(text.slice(0, slash), text);
  const digits = text.slice(slash + 1);
  const longest = 8 * address.bytes.length;
  const netmaskLength = address.family === 4 ? netmaskPrefixLength(digits) : undefined;
  if (netmaskLength !== undefined) {
    throw new AddressSyntaxError(
      `${text}: a netmask is not taken; write the prefix length, as in ${
        formatCidr({ address, prefixLength: netmaskLength })
      }`,
    );
  }
  if (!/^(0|[1-9][0-9]{0,2})$/.test(digits) || Number(digits) > longest) {
    throw new AddressSyntaxError(`${text}: prefix length must be 0 to ${longest}`);
  }
  return { address, prefixLength: Number(digits) };
}

/** The prefix length that a netmask such as 255.255.255.0 stands for; `undefined` where `text` is no netmask. */
function netmaskPrefixLength(text: string): number | undefined {
  if (!text.includes(".")) return undefined;
  const lengths = Array.from({ length: 33 }, (_, length) => length);
  return lengths.find((length) => [0, 1, 2, 3].map((index) => networkMask(length, index)).join(".") === text);
}

/** Writes the address in canonical form, a slash and the prefix length. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIpAddress(cidr.address)}/${cidr.prefixLength}`;
}

/** Returns the network: the address with its host bits cleared. */
export function networkOf(cidr: Cidr): Cidr {
  return { address: withHostBits(cidr, 0), prefixLength: cidr.prefixLength };
}

/**
 * Returns the directed broadcast address of an IPv4 network. Returns `undefined` for a network without one: an IPv6
 * network, or one whose prefix length is 31 (RFC 3021) or 32.
 */
export function broadcastOf(cidr: Cidr): IpAddress | undefined {
  if (cidr.address.family === 6 || cidr.prefixLength > 30) return undefined;
  return lastAddressOf(cidr);
}

/** Returns the last address of a network: all host bits are set. */
export function lastAddressOf(cidr: Cidr): IpAddress {
  return withHostBits(cidr, 0xff);
}

/**
 * Returns the addresses of a network that belong to no host. For IPv4 these are the network's address (RFC 1122 section
 * 3.2.1.3) and the directed broadcast address; for IPv6, the Subnet-Router anycast address (RFC 4291 section 2.6.1).
 * The list is empty for the prefix lengths 31 (RFC 3021), 32, 127 (RFC 6164) and 128.
 */
export function addressesOfNoHost(cidr: Cidr): IpAddress[] {
  if (8 * cidr.address.bytes.length - cidr.prefixLength < 2) return [];
  const broadcast = broadcastOf(cidr);
  return [networkOf(cidr).address, ...(broadcast === undefined ? [] : [broadcast])];
}

/** Returns whether the address lies in the network. An address of the other family never does. */
export function containsAddress(cidr: Cidr, address: IpAddress): boolean {
  if (cidr.address.family !== address.family) return false;
  return cidr.address.bytes.every((byte, index) =>
    ((byte ^ address.bytes[index]) & networkMask(cidr.prefixLength, index)) === 0
  );
}

/** Returns the byte at `index` of the mask with `prefixLength` leading ones. */
function networkMask(prefixLength: number, index: number): number {
  const ones = Math.min(8, Math.max(0, prefixLength - 8 * index));
  return 0xff << (8 - ones) & 0xff;
}

function withHostBits(cidr: Cidr, fill: 0 | 0xff): IpAddress {
  const bytes = cidr.address.bytes.map((byte, index) => {
    const mask = networkMask(cidr.prefixLength, index);
    return byte & mask | fill & ~mask;
  });
  return { family: cidr.address.family, bytes };
}
