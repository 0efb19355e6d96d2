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
  const bounds = ranges.map((range) =>
    range.first.family !== family ? undefined : {
      first: toBigInt(range.first),
      last: toBigInt(range.last),
    }
  );
  const starts = new Set([0n]);
  for (const bound of bounds) {
    if (bound === undefined) continue;
    starts.add(bound.first);
    starts.add(bound.last + 1n);
  }
  const end = 1n << BigInt(32 * words);
  const sorted = [...starts].filter((start) => start < end).sort((a, b) => a < b ? -1 : 1);
  const numbers = Int32Array.from(sorted, (start) =>
    numberOf(
      bounds.flatMap((bound, index) =>
        bound !== undefined && bound.first <= start && start <= bound.last ? [index] : []
      ),
    ));
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

function toBigInt({ bytes }: IpAddress): bigint {
  return bytes.reduce((value, byte) => value << 8n | BigInt(byte), 0n);
}
