import { type ChecksumTest, swapBytes, updateChecksum } from "./checksum.ts";
import { IGNORED, MALFORMED, type Step, TURNED } from "./verdict.ts";

const ECHO_HEADER_LENGTH = 8;
const UDP_HEADER_LENGTH = 8;

/**
 * The ports of UDP services that answer every datagram (RFC 862, 867, 865, 864, 868). A datagram from such a port, perhaps
 * with a forged address, is not answered: the two sides would answer each other without end (CERT CA-1996-01).
 */
const ANSWERING_PORTS: readonly number[] = [7, 13, 17, 19, 37];
const LAST_ANSWERING_PORT = 37;

/** UDP's protocol number in a pseudo-header, as half of a loaded word: it comes after a zero byte. */
const UDP_IN_PSEUDO_HEADER = 17 << 8;

/** Takes the place of the sum of a pseudo-header or of its addresses where the checksum is not to be verified. */
export const NOT_VERIFIED = -1;

/**
 * The part of a responder above IP, the same for both families. Each function turns the message at word `at`, of which
 * this packet has `length` bytes, into its reply and returns `TURNED`. If it returns anything else, the message is
 * untouched. Words are little-endian, as on every platform of Deno: the first byte of a word is its lowest.
 */
export interface Transport {
  /**
   * Turns an echo request (RFC 792, RFC 4443) into its reply. The checksum is updated, not computed (RFC 1624). Where it
   * is not verified, a request with a wrong checksum becomes a reply with a wrong checksum.
   *
   * @param pseudoHeader The sum of the pseudo-header's halves, 0 without one; or `NOT_VERIFIED`.
   */
  turnEchoRequest(
    at: number,
    length: number,
    requestType: number,
    replyType: number,
    pseudoHeader: number,
  ): Step;
  /**
   * Swaps the ports of a UDP datagram. The checksum stays right, because swapping ports or addresses does not change the
   * sum. Bytes between the UDP length and the end of the packet (RFC 9868) are returned unchanged.
   *
   * @param isWhole False for a first fragment, whose UDP length counts bytes that are still to come.
   * @param needsChecksum True over IPv6, where a datagram without a checksum is dropped (RFC 8200 section 8.1).
   * @param addresses The sum of the addresses' halves, or `NOT_VERIFIED`.
   */
  turnUdp(at: number, length: number, isWhole: boolean, needsChecksum: boolean, addresses: number): Step;
  /**
   * Is called for a message of any other protocol, after all headers in front of it have been accepted. Plain echo ignores
   * it.
   *
   * @param isWhole False for a first fragment.
   */
  turnOther(protocol: number, isWhole: boolean): Step;
}

/**
 * Makes the part of a responder above IP.
 *
 * @param words The memory that holds the packets, as 32-bit words.
 * @param isRight The test of checksums in `words`.
 */
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
      // The type and the code. The code of an echo message is always 0.
      if ((header & 0xffff) !== requestType) return IGNORED;
      if (pseudoHeader !== NOT_VERIFIED && !isRight(at, length, pseudoHeader)) return MALFORMED;
      let checksum = updateChecksum(header >>> 16, requestType - replyType);
      // The special case of RFC 1624 section 3: if all other words of the reply are 0, its checksum is 0xffff, not 0.
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
    turnOther: () => IGNORED,
  };
}

/** Returns whether the `length` bytes from word `at` are 0. */
function isZero(words: Int32Array, at: number, length: number): boolean {
  const whole = length >> 2;
  for (let i = 0; i < whole; i++) {
    if (words[at + i] !== 0) return false;
  }
  const rest = length & 3;
  // The first `rest` bytes of the last word belong to the message. They are its lowest bytes.
  return rest === 0 || words[at + whole] << (32 - 8 * rest) === 0;
}
