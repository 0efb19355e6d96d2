import type { IpAddress } from "../../wire/ip_address.ts";
import type { AddressRange } from "./plan.ts";

/** Finds the number of a range by an address in a packet. */
export interface AddressIndex {
  /**
   * Returns the number of the address at word `at`.
   * @param words The memory that holds the packet, as little-endian words.
   */
  find(words: Int32Array, at: number): number;
}

/**
 * Numbers all addresses of one family: addresses that lie in the same ranges get the same number. `numberOf` is called with each
 * combination of ranges that occurs, as their indices in ascending order.
 */
export function createAddressIndex(
  family: 4 | 6,
  ranges: readonly AddressRange[],
  numberOf: (inside: readonly number[]) => number,
): AddressIndex {
  const words = family === 4 ? 1 : 4;
  const bounds = ranges.flatMap(({ first, last }, index) =>
    first.family === family ? [{ index, first: toBigInt(first), last: toBigInt(last) }] : []
  );
  const starts = new Set([0n, ...bounds.flatMap(({ first, last }) => [first, last + 1n])]);
  const end = 1n << BigInt(32 * words);
  const sorted = [...starts].filter((start) => start < end).sort(compare);
  // In ascending order, so that the work for each start is that for the ranges around it, and not for all.
  const coming = bounds.toSorted((one, other) => compare(other.first, one.first));
  let inside: typeof bounds = [];
  const numbers = Int32Array.from(sorted, (start) => {
    inside = inside.filter(({ last }) => last >= start);
    while (coming.at(-1)?.first === start) inside.push(coming.pop()!);
    return numberOf(inside.map(({ index }) => index).sort((one, other) => one - other));
  });
  // Keys compare as signed 32-bit words, because V8 keeps those in registers.
  const keys = Int32Array.from(
    sorted.flatMap((start) =>
      Array.from(
        { length: words },
        (_, index) => Number(start >> BigInt(32 * (words - 1 - index)) & 0xffff_ffffn) ^ SIGN,
      )
    ),
  );

  return {
    find(packet: Int32Array, at: number): number {
      // The last start that is not above the address. The first start is the lowest address of all.
      let low = 0, high = numbers.length - 1;
      while (low < high) {
        const middle = low + high + 1 >> 1;
        if (isAbove(keys, middle * words, packet, at, words)) high = middle - 1;
        else low = middle;
      }
      return numbers[low];
    },
  };
}

const SIGN = 0x8000_0000 | 0;

/** Returns whether the key is above the address at word `at` of the packet. */
function isAbove(keys: Int32Array, key: number, packet: Int32Array, at: number, words: number): boolean {
  for (let i = 0; i < words; i++) {
    const word = packet[at + i];
    const value = (word << 24 | word << 8 & 0xff_0000 | word >>> 8 & 0xff00 | word >>> 24) ^ SIGN;
    if (keys[key + i] !== value) return keys[key + i] > value;
  }
  return false;
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}

function toBigInt({ bytes }: IpAddress): bigint {
  return bytes.reduce((value, byte) => value << 8n | BigInt(byte), 0n);
}
