import { PROTOCOL_ICMP, PROTOCOL_UDP } from "../../wire/ip_protocol.ts";
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST } from "../../wire/icmp.ts";
import {
  IPV4_HEADER_LENGTH,
  IPV4_OPTION_END,
  IPV4_OPTION_LOOSE_SOURCE_ROUTE,
  IPV4_OPTION_NO_OPERATION,
  IPV4_OPTION_STRICT_SOURCE_ROUTE,
} from "../../wire/ipv4.ts";
import { type AnsweredFragments, ipv4Kind } from "./answered_fragments.ts";
import { turnEchoRequest, turnUdp } from "./transport.ts";
import { IGNORED, MALFORMED, REPLY, type Verdict } from "./verdict.ts";

/*
 * The header in little-endian 32-bit words (RFC 791):
 *   0  version and IHL, type of service, total length      3  source
 *   1  identification, flags and fragment offset           4  destination
 *   2  time to live, protocol, header checksum
 */
const FRAGMENT_WORD = 1;
const TTL_WORD = 2;
const SOURCE_WORD = 3;
const DESTINATION_WORD = 4;

const MORE_FRAGMENTS = 0x0020_0000;
/** More-fragments flag and fragment offset, without "don't fragment" and the reserved bit. */
const FRAGMENT_BITS = 0xff3f_0000 | 0;
const LARGEST_DATAGRAM = 65535;
const REPLY_TTL = 64;

/**
 * Makes the IPv4 half of a responder. `at` is the word index of a packet whose version is 4.
 *
 * @param memory what packets lie in; `words` is the same memory.
 * @param broadcasts directed broadcast addresses, as unsigned numbers.
 */
export function createIpv4Responder(
  memory: Uint8Array,
  words: Int32Array,
  answered: AnsweredFragments,
  answersIcmp: boolean,
  answersUdp: boolean,
  broadcasts: readonly number[],
): (at: number, size: number) => Verdict {
  const broadcastWords = Int32Array.from(broadcasts, addressWord);
  /** This network, loopback, multicast, reserved and broadcast: neither a reply's source nor its destination. */
  const isUnanswerable = (address: number): boolean => {
    const firstOctet = address & 0xff;
    if (firstOctet === 0 || firstOctet === 127 || firstOctet >= 224) return true;
    for (let i = 0; i < broadcastWords.length; i++) {
      if (broadcastWords[i] === address) return true;
    }
    return false;
  };

  const turnPayload = (protocol: number, at: number, length: number, isWhole: boolean): Verdict => {
    if (protocol === PROTOCOL_ICMP && answersIcmp) {
      return turnEchoRequest(words, at, length, ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY);
    }
    if (protocol === PROTOCOL_UDP && answersUdp) return turnUdp(words, at, length, isWhole, false);
    return IGNORED;
  };

  const turnFragment = (at: number, protocol: number, headerLength: number, length: number): Verdict => {
    const fragmentWord = words[at + FRAGMENT_WORD];
    const fragmentOffset = (fragmentWord >>> 8 & 0x1f00 | fragmentWord >>> 24) << 3;
    const hasMore = (fragmentWord & MORE_FRAGMENTS) !== 0;
    if (length === 0 || hasMore && (length & 7) !== 0) return MALFORMED;
    if (headerLength + fragmentOffset + length > LARGEST_DATAGRAM) return MALFORMED;
    const kind = ipv4Kind(protocol);
    const identification = fragmentWord & 0xffff;
    const addresses = at + SOURCE_WORD;
    if (fragmentOffset !== 0) return answered.has(kind, identification, addresses) ? REPLY : IGNORED;
    const verdict = turnPayload(protocol, at + (headerLength >> 2), length, false);
    if (verdict === REPLY) answered.remember(kind, identification, addresses);
    else answered.forget(kind, identification, addresses);
    return verdict;
  };

  /** Whether the options allow an answer: REPLY if so. */
  const checkOptions = (at: number, headerLength: number): Verdict => {
    const end = (at << 2) + headerLength;
    let position = (at << 2) + IPV4_HEADER_LENGTH;
    while (position < end) {
      const type = memory[position];
      if (type === IPV4_OPTION_END) return REPLY;
      if (type === IPV4_OPTION_NO_OPERATION) {
        position++;
        continue;
      }
      if (position + 2 > end) return MALFORMED;
      const length = memory[position + 1];
      if (length < 2 || position + length > end) return MALFORMED;
      // A reply would have to go back along the reversed route (RFC 1122 section 3.2.1.8). Hosts drop these.
      if (type === IPV4_OPTION_LOOSE_SOURCE_ROUTE || type === IPV4_OPTION_STRICT_SOURCE_ROUTE) return IGNORED;
      position += length;
    }
    return REPLY;
  };

  const sumOptions = (at: number, headerLength: number): number => {
    let sum = 0;
    for (let i = IPV4_HEADER_LENGTH >> 2; i < headerLength >> 2; i++) {
      sum += (words[at + i] & 0xffff) + (words[at + i] >>> 16);
    }
    return sum;
  };

  return (at: number, size: number): Verdict => {
    if (size < IPV4_HEADER_LENGTH) return MALFORMED;
    const lengthWord = words[at];
    const headerLength = (lengthWord & 0x0f) << 2;
    const totalLength = lengthWord >>> 8 & 0xff00 | lengthWord >>> 24;
    if (headerLength < IPV4_HEADER_LENGTH || totalLength < headerLength || totalLength > size) {
      return MALFORMED;
    }

    const fragmentWord = words[at + FRAGMENT_WORD];
    const ttlWord = words[at + TTL_WORD];
    const source = words[at + SOURCE_WORD];
    const destination = words[at + DESTINATION_WORD];
    let sum = (lengthWord & 0xffff) + (lengthWord >>> 16) + (fragmentWord & 0xffff) + (fragmentWord >>> 16) +
      (ttlWord & 0xffff) + (ttlWord >>> 16) + (source & 0xffff) + (source >>> 16) +
      (destination & 0xffff) + (destination >>> 16);
    if (headerLength > IPV4_HEADER_LENGTH) sum += sumOptions(at, headerLength);
    // A sum of so few words that is a multiple of 0xffff folds to it at once.
    if ((sum & 0xffff) + (sum >>> 16) !== 0xffff) return MALFORMED;

    if (headerLength > IPV4_HEADER_LENGTH) {
      const verdict = checkOptions(at, headerLength);
      if (verdict !== REPLY) return verdict;
    }
    if (source === destination || isUnanswerable(source) || isUnanswerable(destination)) return IGNORED;

    const protocol = ttlWord >>> 8 & 0xff;
    const length = totalLength - headerLength;
    const verdict = (fragmentWord & FRAGMENT_BITS) === 0
      ? turnPayload(protocol, at + (headerLength >> 2), length, true)
      : turnFragment(at, protocol, headerLength, length);
    if (verdict !== REPLY) return verdict;

    // RFC 1624, with the carry taken in: the checksum grows by what the word of TTL and protocol loses, modulo 0xffff.
    let checksum = (ttlWord >>> 16) + (ttlWord & 0xff) - REPLY_TTL;
    if (checksum < 0) checksum += 0xffff;
    else if (checksum >= 0xffff) checksum -= 0xffff;
    words[at + TTL_WORD] = checksum << 16 | ttlWord & 0xff00 | REPLY_TTL;
    words[at + SOURCE_WORD] = destination;
    words[at + DESTINATION_WORD] = source;
    return REPLY;
  };
}

/** From an address as a number, first octet on top, to the word that is loaded from a packet. */
export function addressWord(value: number): number {
  return value << 24 | (value & 0xff00) << 8 | value >>> 8 & 0xff00 | value >>> 24;
}
