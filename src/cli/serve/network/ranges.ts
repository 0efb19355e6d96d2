import { neighborOf } from "../../../echo/network/addresses.ts";
import type { AddressRange, PortRange } from "../../../echo/network/plan.ts";
import { type Cidr, formatCidr, lastAddressOf, networkOf, parseCidr } from "../../../wire/cidr.ts";
import {
  AddressSyntaxError,
  equalIpAddress,
  formatIpAddress,
  type IpAddress,
  parseIpAddress,
} from "../../../wire/ip_address.ts";
import { UsageError } from "../../arguments/usage_error.ts";

// The message of each UsageError continues after the option's name: `--hosts 10.77.0.20-10.77.0.10: must …`.

/**
 * Reads a range of addresses: the first and the last one with a hyphen, a network such as 10.77.0.16/28, or one address.
 * @throws {UsageError} for anything else.
 */
export function readAddressRange(text: string): AddressRange {
  try {
    if (text.includes("/")) return rangeOfNetwork(text, parseCidr(text));
    const [first, last, ...more] = text.split("-");
    if (more.length > 0) throw new UsageError(`${text}: must have one hyphen at most.`);
    const start = parseIpAddress(first, text);
    if (last === undefined) return { first: start, last: start };
    if (/^\d{1,3}$/.test(last) && start.family === 4) throw shortEnd(text, start, last);
    return orderedRange(text, start, parseIpAddress(last, text));
  } catch (error) {
    if (!(error instanceof AddressSyntaxError)) throw error;
    throw new UsageError(`${error.message}.`);
  }
}

function rangeOfNetwork(text: string, cidr: Cidr): AddressRange {
  const network = networkOf(cidr);
  if (equalIpAddress(network.address, cidr.address)) {
    return { first: network.address, last: lastAddressOf(network) };
  }
  throw new UsageError(`${text}: has bits set after the prefix.`, `Did you mean ${formatCidr(network)}?`);
}

function orderedRange(text: string, first: IpAddress, last: IpAddress): AddressRange {
  if (first.family !== last.family) throw new UsageError(`${text}: must have two addresses of one family.`);
  const differing = first.bytes.findIndex((byte, index) => byte !== last.bytes[index]);
  if (differing < 0 || first.bytes[differing] < last.bytes[differing]) return { first, last };
  throw new UsageError(
    `${text}: must have the lower address first.`,
    `Did you mean ${formatIpAddress(last)}-${formatIpAddress(first)}?`,
  );
}

function shortEnd(text: string, { bytes, family }: IpAddress, last: string): UsageError {
  const meant = Number(last) > 255
    ? undefined
    : formatIpAddress({ family, bytes: bytes.with(3, Number(last)) });
  return new UsageError(
    `${text}: must have a whole address behind the hyphen.`,
    meant === undefined ? "" : `Did you mean ${formatIpAddress({ family, bytes })}-${meant}?`,
  );
}

/** Something that the user has given, and how messages name it: `--hosts 10.77.0.9`. */
export interface Named<T> {
  readonly name: string;
  readonly value: T;
}

/** Returns whether a range is a single address. */
export function isSingle({ first, last }: AddressRange): boolean {
  return equalIpAddress(first, last);
}

/** Writes a range as `readAddressRange` reads it. */
export function formatAddressRange(range: AddressRange): string {
  const first = formatIpAddress(range.first);
  return isSingle(range) ? first : `${first}-${formatIpAddress(range.last)}`;
}

/** The most addresses of a range that `someAddresses` returns. */
const MOST_OF_RANGE = 4;

/** Returns the first and the last addresses of each range, and the one behind it: each once, and without some. */
export function someAddresses(
  ranges: readonly Named<AddressRange>[],
  without: readonly IpAddress[],
): IpAddress[] {
  const found = new Map<string, IpAddress>();
  const add = (address: IpAddress): unknown => found.set(formatIpAddress(address), address);
  for (const { value: { first, last } } of ranges) {
    let address = first;
    for (let count = 0; count < MOST_OF_RANGE && !equalIpAddress(address, last); count++) {
      add(address);
      address = neighborOf(address, 1);
    }
    add(last);
    add(neighborOf(last, 1));
  }
  for (const address of without) found.delete(formatIpAddress(address));
  return [...found.values()];
}

const HIGHEST_PORT = 65535;

/** Reads a port such as 7, or ports such as 5000-5010. Returns `undefined` for anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  const match = /^([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first <= last && last <= HIGHEST_PORT ? { first, last } : undefined;
}

/** Writes ports as `parsePortRange` reads them. */
export function formatPortRange({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}-${last}`;
}
