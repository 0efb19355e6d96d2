/**
 * After so many packets without a pause, which is a rush, checksums of ICMP, ICMPv6 and UDP are not verified until a pause.
 *
 * Measured beside the same loop without the check, both inline on one processor of 2026: the check costs 5 % of the loop for
 * the smallest requests (28 to 40 bytes), 8 % at 64 bytes, 15 % at 84 and 40 % at 256, while an answer of the whole loop
 * takes 125 ns. So there is no size for which a loop that is busy could afford it, and none for which an idle one could not.
 */
export const RUSH_PACKETS = 32;

/**
 * Says whether the message of `length` bytes (1 and more) that starts at word `at` has the right Internet checksum.
 *
 * @param pseudoHeader the sum of the 16-bit words of the pseudo-header, 0 without one, as `halves()` gives it.
 */
export type ChecksumTest = (at: number, length: number, pseudoHeader: number) => boolean;

/**
 * Makes the test. It takes 32 bits at a time as they are loaded: one's complement sums do not care for byte order (RFC 1071
 * section 2), and the sum of the low halves of all words is what remains of the sum of the words without the high ones.
 */
export function createChecksumTest(words: Int32Array): ChecksumTest {
  return (at, length, pseudoHeader) => {
    const message = words;
    // The sum of a message with the right checksum, its checksum included. A literal: see plain.ts.
    const allOnes = 0xffff;
    const last = at + (length - 1 >> 2) | 0;
    // The message ends with the first, second, third or fourth byte of its last word: that is the lowest in memory.
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

/** The sum of the two 16-bit halves of a word. */
export function halves(word: number): number {
  return (word & 0xffff) + (word >>> 16);
}

/** A 16-bit number in network byte order, as half of a word that is loaded from a packet; and back. */
export function swapBytes(value: number): number {
  return (value & 0xff) << 8 | value >>> 8 & 0xff;
}
