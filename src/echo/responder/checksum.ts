/**
 * A batch of this many packets or more, without a pause between them, is a rush. During a rush, checksums of ICMP, ICMPv6
 * and UDP are not verified.
 *
 * The cost of the check was measured against the same loop without it, on one processor of 2026 where an answer takes
 * 125 ns: 5 % of the loop's time for the smallest requests (28 to 40 bytes), 8 % at 64 bytes, 15 % at 84 and 40 % at 256.
 * A busy loop cannot afford that at any packet size, and an idle loop can at every size.
 */
export const RUSH_PACKETS = 32;

/**
 * Returns whether the message of `length` bytes (1 and more) at word `at` has the right Internet checksum (RFC 1071).
 *
 * @param pseudoHeader The sum of the 16-bit words of the pseudo-header, each as `halves()` adds them; 0 without one.
 */
export type ChecksumTest = (at: number, length: number, pseudoHeader: number) => boolean;

/**
 * Makes the test of checksums in `words`, the memory that holds the packets.
 *
 * The test adds 32-bit words as they are loaded, because a one's complement sum does not depend on the byte order (RFC
 * 1071 section 2). It adds whole words and their high halves; the difference is the sum of the low halves.
 */
export function createChecksumTest(words: Int32Array): ChecksumTest {
  return (at, length, pseudoHeader) => {
    const message = words;
    // The sum of a message with the right checksum, its checksum included. A literal: see plain.ts.
    const allOnes = 0xffff;
    const last = at + (length - 1 >> 2) | 0;
    // The last word holds 1 to 4 bytes of the message, the lowest in memory. The mask clears the bytes behind them.
    const end = message[last] & -1 >>> (-length << 3);
    let all = end | 0, high = end >>> 16;
    for (let i = at | 0; i < last; i = i + 1 | 0) {
      const word = message[i];
      all = all + word | 0;
      high = high + (word >>> 16) | 0;
    }
    const sum = (all - (high << 16) >>> 0) + high + pseudoHeader >>> 0;
    const folded = (sum & allOnes) + (sum >>> 16);
    return (folded & allOnes) + (folded >>> 16) === allOnes;
  };
}

/** Returns the sum of the two 16-bit halves of a word. */
export function halves(word: number): number {
  return (word & 0xffff) + (word >>> 16);
}

/** Converts a 16-bit number between network byte order, as in half of a loaded word, and host byte order. */
export function swapBytes(value: number): number {
  return (value & 0xff) << 8 | value >>> 8 & 0xff;
}

/**
 * Returns a checksum after the words that it covers have lost `loss` in all (RFC 1624, with the carry taken in): it grows
 * by as much, modulo 0xffff. The result is below 0xffff; RFC 1624 section 3 describes the one case that needs 0xffff.
 *
 * @param checksum 0 to 0xffff, as loaded.
 * @param loss The old sum of the words, as loaded, minus the new sum. It may be negative.
 */
export function updateChecksum(checksum: number, loss: number): number {
  // The remainder has the sign of `loss`.
  return (checksum + loss % 0xffff + 0xffff) % 0xffff;
}
