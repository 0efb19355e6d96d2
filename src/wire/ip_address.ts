/** An IPv4 or IPv6 address: 4 or 16 bytes in network byte order. Treat the bytes as read-only. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
}

/**
 * Reports that a text is not an address or a prefix. The message names the text and the rule: `10.6.7.7/33: prefix …`.
 */
export class AddressSyntaxError extends Error {
  override readonly name = "AddressSyntaxError";
}

/** Length in bytes of an address of each family. */
export const ADDRESS_LENGTH = { 4: 4, 6: 16 } as const;

const IPV6_GROUPS = 8;

/**
 * Reads an IPv4 address (four decimal numbers, no leading zeros) or an IPv6 address (RFC 4291 section 2.2, without a
 * zone).
 *
 * @param whole the text that the user wrote, if `text` is only a part of it. The message of an error names it.
 * @throws {AddressSyntaxError} with a message for the user.
 */
export function parseIpAddress(text: string, whole = text): IpAddress {
  return text.includes(":") ? parseIpv6Address(text, whole) : parseIpv4Address(text, whole);
}

function parseIpv4Address(text: string, whole: string): IpAddress {
  const bytes = new Uint8Array(ADDRESS_LENGTH[4]);
  if (!readDottedQuad(text, bytes, 0)) {
    throw new AddressSyntaxError(
      `${whole}: not an IP address; IPv4 is four numbers from 0 to 255 without leading zeros, as in 10.6.7.7`,
    );
  }
  return { family: 4, bytes };
}

function parseIpv6Address(text: string, whole: string): IpAddress {
  if (text.includes("%")) {
    throw new AddressSyntaxError(`${whole}: a zone is not allowed here; leave out the % and what follows`);
  }
  const halves = text.split("::");
  if (halves.length > 2) {
    throw new AddressSyntaxError(`${whole}: not an IPv6 address; it has more than one ::`);
  }
  const [head, tail] = halves;
  const bytes = new Uint8Array(ADDRESS_LENGTH[6]);
  const isCompressed = tail !== undefined;
  const headGroups = writeGroups(whole, head, bytes, !isCompressed);
  if (!isCompressed) {
    if (headGroups !== IPV6_GROUPS) {
      throw new AddressSyntaxError(
        `${whole}: not an IPv6 address; it needs eight groups, or :: in place of zeros`,
      );
    }
    return { family: 6, bytes };
  }
  const tailBytes = new Uint8Array(ADDRESS_LENGTH[6]);
  const tailGroups = writeGroups(whole, tail, tailBytes, true);
  if (headGroups + tailGroups >= IPV6_GROUPS) {
    throw new AddressSyntaxError(`${whole}: not an IPv6 address; :: must stand for at least one group`);
  }
  bytes.set(tailBytes.subarray(0, 2 * tailGroups), ADDRESS_LENGTH[6] - 2 * tailGroups);
  return { family: 6, bytes };
}

/** Writes the address in its canonical form: dotted decimal for IPv4, RFC 5952 for IPv6. */
export function formatIpAddress(address: IpAddress): string {
  return address.family === 4 ? formatIpv4(address.bytes, 0) : formatIpv6(address.bytes, 0);
}

/** Writes the four bytes at `offset` as an IPv4 address. */
export function formatIpv4(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** Writes the sixteen bytes at `offset` as an IPv6 address: RFC 5952, with IPv4-mapped addresses in mixed form. */
export function formatIpv6(bytes: Uint8Array, offset: number): string {
  const groups: number[] = [];
  for (let i = 0; i < IPV6_GROUPS; i++) groups.push(bytes[offset + 2 * i] << 8 | bytes[offset + 2 * i + 1]);
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (isMapped) return `::ffff:${formatIpv4(bytes, offset + 12)}`;
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(":");
  return `${hex.slice(0, run.start).join(":")}::${hex.slice(run.start + run.length).join(":")}`;
}

/** Returns whether two addresses have the same family and the same bytes. */
export function equalIpAddress(a: IpAddress, b: IpAddress): boolean {
  return a.family === b.family && a.bytes.every((byte, index) => byte === b.bytes[index]);
}

function readDottedQuad(text: string, target: Uint8Array, offset: number): boolean {
  const parts = text.split(".");
  if (parts.length !== 4) return false;
  for (let i = 0; i < 4; i++) {
    if (!/^(0|[1-9][0-9]{0,2})$/.test(parts[i]) || Number(parts[i]) > 255) return false;
    target[offset + i] = Number(parts[i]);
  }
  return true;
}

/** Writes the groups of one side of `::` and returns their number. Dotted decimal may end the address. */
function writeGroups(whole: string, part: string, target: Uint8Array, endsAddress: boolean): number {
  if (part === "") return 0;
  const groups = part.split(":");
  let at = 0;
  for (const [index, group] of groups.entries()) {
    const isDotted = endsAddress && index === groups.length - 1 && group.includes(".");
    const needs = isDotted ? 4 : 2;
    if (at + needs > ADDRESS_LENGTH[6]) {
      throw new AddressSyntaxError(`${whole}: not an IPv6 address; it has more than eight groups`);
    }
    const isGood = isDotted ? readDottedQuad(group, target, at) : /^[0-9a-fA-F]{1,4}$/.test(group);
    if (!isGood) {
      throw new AddressSyntaxError(
        `${whole}: not an IPv6 address; ${group === "" ? "a group is empty" : `"${group}" is not a group`}`,
      );
    }
    if (!isDotted) {
      const value = parseInt(group, 16);
      target[at] = value >> 8;
      target[at + 1] = value & 0xff;
    }
    at += needs;
  }
  return at / 2;
}

/** Returns the longest run of zero groups, and the first one if several have that length (RFC 5952 section 4.2.3). */
function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}
