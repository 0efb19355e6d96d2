import { type ChecksumTest, swapBytes } from "./checksum.ts";
import { IGNORED, MALFORMED, type Step, TURNED } from "./verdict.ts";

const ECHO_HEADER_LENGTH = 8;
const UDP_HEADER_LENGTH = 8;

/**
 * UDP services that answer whatever they get (RFC 862, 867, 865, 864, 868). Answering a datagram that comes from one of
 * them, perhaps with a forged address, would have the two sides answer each other without end (CERT CA-1996-01).
 */
const ANSWERING_PORTS: readonly number[] = [7, 13, 17, 19, 37];
const LAST_ANSWERING_PORT = 37;

/** UDP's number where a pseudo-header has it: behind a zero byte, in a half of a word. */
const UDP_IN_PSEUDO_HEADER = 17 << 8;

/** In place of the sum of a pseudo-header or its addresses: the checksum is not to be verified. */
export const NOT_VERIFIED = -1;

/**
 * The part of a responder above IP, the same for both families. Each function turns the message that starts at word `at`
 * and has `length` bytes in this packet, or leaves it untouched if it does not return `TURNED`. Words are little-endian,
 * as every platform of Deno is: the first byte of a word is its lowest.
 */
export interface Transport {
  /**
   * Turns an echo request (RFC 792, RFC 4443) into its reply. The checksum is updated, not computed (RFC 1624): where it
   * is not verified, a request whose checksum is wrong becomes a reply whose checksum is wrong.
   *
   * @param pseudoHeader the sum of the pseudo-header's halves, 0 without one; or `NOT_VERIFIED`.
   */
  turnEchoRequest(
    at: number,
    length: number,
    requestType: number,
    replyType: number,
    pseudoHeader: number,
  ): Step;
  /**
   * Swaps the ports of a UDP datagram. Its checksum stays true, as neither that nor the swap of the addresses changes the
   * sum. Bytes between the UDP length and the end of the packet (RFC 9868) go back as they came.
   *
   * @param isWhole false for a first fragment, whose UDP length counts bytes that are still to come.
   * @param needsChecksum true over IPv6, where a datagram without a checksum is dropped (RFC 8200 section 8.1).
   * @param addresses the sum of the addresses' halves, or `NOT_VERIFIED`.
   */
  turnUdp(at: number, length: number, isWhole: boolean, needsChecksum: boolean, addresses: number): Step;
}

/** @param isRight made for `words`, the memory that packets lie in. */
export function createTransport(words: Int32Array, isRight: ChecksumTest): Transport {
  return {
    turnEchoRequest(
      at: number,
      length: number,
      requestType: number,
      replyType: number,
      pseudoHeader: number,
    ): Step {
      if (length < ECHO_HEADER_LENGTH) return MALFORMED;
      const header = words[at];
      // Type and code; the code of an echo message is always 0.
      if ((header & 0xffff) !== requestType) return IGNORED;
      if (pseudoHeader !== NOT_VERIFIED && !isRight(at, length, pseudoHeader)) return MALFORMED;
      // RFC 1624 with the carry taken in: the checksum grows by what the type loses, modulo 0xffff. One's complement
      // sums do not care for byte order (RFC 1071 section 2), so the words stay as loaded.
      let checksum = (header >>> 16) + requestType - replyType;
      if (checksum < 0) checksum += 0xffff;
      else if (checksum >= 0xffff) checksum -= 0xffff;
      // The corner of RFC 1624 section 3: a reply of zeros only has the checksum 0xffff, where the equation gives 0.
      if (checksum === 0 && replyType === 0 && isZero(words, at + 1, length - 4)) checksum = 0xffff;
      words[at] = checksum << 16 | replyType;
      return TURNED;
    },
    turnUdp(at: number, length: number, isWhole: boolean, needsChecksum: boolean, addresses: number): Step {
      if (length < UDP_HEADER_LENGTH) return MALFORMED;
      const lengthAndChecksum = words[at + 1];
      const udpLength = swapBytes(lengthAndChecksum);
      if (udpLength < UDP_HEADER_LENGTH || isWhole && udpLength > length) return MALFORMED;
      const hasChecksum = lengthAndChecksum >>> 16 !== 0;
      if (needsChecksum && !hasChecksum) return MALFORMED;
      const ports = words[at];
      const sourcePort = swapBytes(ports);
      if (sourcePort === 0 || ports >>> 16 === 0) return IGNORED;
      if (sourcePort <= LAST_ANSWERING_PORT && ANSWERING_PORTS.includes(sourcePort)) return IGNORED;
      if (addresses !== NOT_VERIFIED && hasChecksum) {
        const pseudoHeader = addresses + UDP_IN_PSEUDO_HEADER + (lengthAndChecksum & 0xffff);
        if (!isRight(at, udpLength, pseudoHeader)) return MALFORMED;
      }
      words[at] = ports << 16 | ports >>> 16;
      return TURNED;
    },
  };
}

function isZero(words: Int32Array, at: number, length: number): boolean {
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) {
    if (words[at + i] !== 0) return false;
  }
  const rest = length & 3;
  // Only the first `rest` bytes of the last word belong to the message; they are its lowest.
  return rest === 0 || words[at + whole] << (32 - 8 * rest) === 0;
}
