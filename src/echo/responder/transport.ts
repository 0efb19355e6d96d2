import { IGNORED, MALFORMED, REPLY, type Verdict } from "./verdict.ts";

/*
 * The part above IP, the same for both families. Each function turns the message that starts at word `at` and has
 * `length` bytes in this packet, or leaves it untouched if it does not return REPLY. Words are little-endian, as every
 * platform of Deno is: the first byte of a word is its lowest.
 */

const ECHO_HEADER_LENGTH = 8;
const UDP_HEADER_LENGTH = 8;

/**
 * UDP services that answer whatever they get (RFC 862, 867, 865, 864, 868). Answering a datagram that comes from one of
 * them, perhaps with a forged address, would have the two sides answer each other without end (CERT CA-1996-01).
 */
const ANSWERING_PORTS: readonly number[] = [7, 13, 17, 19, 37];
const LAST_ANSWERING_PORT = 37;

/**
 * Turns an echo request (RFC 792, RFC 4443) into its reply. The checksum is updated, not computed (RFC 1624), so the
 * payload is not read, and a request whose checksum is wrong becomes a reply whose checksum is wrong: the requester's
 * own stack drops it.
 */
export function turnEchoRequest(
  words: Int32Array,
  at: number,
  length: number,
  requestType: number,
  replyType: number,
): Verdict {
  if (length < ECHO_HEADER_LENGTH) return MALFORMED;
  const header = words[at];
  // Type and code; the code of an echo message is always 0.
  if ((header & 0xffff) !== requestType) return IGNORED;
  // RFC 1624 with the carry taken in: the checksum grows by what the type loses, modulo 0xffff. One's complement sums
  // do not care for byte order (RFC 1071 section 2), so the words stay as loaded.
  let checksum = (header >>> 16) + requestType - replyType;
  if (checksum < 0) checksum += 0xffff;
  else if (checksum >= 0xffff) checksum -= 0xffff;
  // The corner of RFC 1624 section 3: a reply of zeros only has the checksum 0xffff, where the equation gives 0.
  if (checksum === 0 && replyType === 0 && isZero(words, at + 1, length - 4)) checksum = 0xffff;
  words[at] = checksum << 16 | replyType;
  return REPLY;
}

/**
 * Swaps the ports of a UDP datagram. Its checksum stays true, as neither that nor the swap of the addresses changes the
 * sum. Bytes between the UDP length and the end of the packet (RFC 9868) go back as they came.
 *
 * @param isWhole false for a first fragment, whose UDP length counts bytes that are still to come.
 * @param needsChecksum true over IPv6, where a datagram without a checksum is dropped (RFC 8200 section 8.1).
 */
export function turnUdp(
  words: Int32Array,
  at: number,
  length: number,
  isWhole: boolean,
  needsChecksum: boolean,
): Verdict {
  if (length < UDP_HEADER_LENGTH) return MALFORMED;
  const lengthAndChecksum = words[at + 1];
  const udpLength = (lengthAndChecksum & 0xff) << 8 | lengthAndChecksum >>> 8 & 0xff;
  if (udpLength < UDP_HEADER_LENGTH || isWhole && udpLength > length) return MALFORMED;
  if (needsChecksum && lengthAndChecksum >>> 16 === 0) return MALFORMED;
  const ports = words[at];
  const sourcePort = (ports & 0xff) << 8 | ports >>> 8 & 0xff;
  if (sourcePort === 0 || ports >>> 16 === 0) return IGNORED;
  if (sourcePort <= LAST_ANSWERING_PORT && ANSWERING_PORTS.includes(sourcePort)) return IGNORED;
  words[at] = ports << 16 | ports >>> 16;
  return REPLY;
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
