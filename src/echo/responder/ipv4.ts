import { PROTOCOL_ICMP, PROTOCOL_UDP } from "../../wire/ip_protocol.ts";
import { ICMP_ECHO_REPLY, ICMP_ECHO_REQUEST } from "../../wire/icmp.ts";
import { IPV4_HEADER_LENGTH } from "../../wire/ipv4.ts";
import { halves, updateChecksum } from "./checksum.ts";
import { ipv4Kind } from "./datagram_table.ts";
import { HOP_LIMIT, setTimeToLive } from "./hop_limit.ts";
import { createIpv4Options } from "./ipv4_options.ts";
import type { ResponderOptions, ResponderState } from "./options.ts";
import { NOT_VERIFIED, type Transport } from "./transport.ts";
import { createUnanswerable4 } from "./unanswerable.ts";
import {
  FOLLOWED,
  HELD,
  IGNORED,
  LARGEST_PACKET,
  MALFORMED,
  type Step,
  TURNED,
  type Verdict,
} from "./verdict.ts";

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
/** The more-fragments flag and the fragment offset, without "don't fragment" and the reserved bit. */
const FRAGMENT_BITS = 0xff3f_0000 | 0;

/**
 * Makes the IPv4 half of a responder. The returned function takes the word index of a packet whose version is 4, and its
 * size in bytes.
 *
 * @param memory The memory that holds the packets.
 * @param words The same memory as 32-bit words.
 */
export function createIpv4Responder(
  memory: Uint8Array,
  words: Int32Array,
  { turnEchoRequest, turnUdp, turnOther }: Transport,
  { icmp, udp, noHosts = [] }: ResponderOptions,
  { fragments, verifies, nowMs }: ResponderState,
): (at: number, size: number) => Verdict {
  const options = createIpv4Options(memory, nowMs);
  const isUnanswerable = createUnanswerable4(noHosts);

  /** Turns the message at word `at`. `addresses` is the sum of the addresses' halves, or `NOT_VERIFIED`. */
  const turnMessage = (
    protocol: number,
    at: number,
    length: number,
    isWhole: boolean,
    addresses: number,
  ): Step => {
    if (protocol === PROTOCOL_ICMP && icmp) {
      // ICMP over IPv4 has no pseudo-header.
      const pseudoHeader = addresses === NOT_VERIFIED ? NOT_VERIFIED : 0;
      return turnEchoRequest(at, length, ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY, pseudoHeader);
    }
    if (protocol === PROTOCOL_UDP && udp) return turnUdp(at, length, isWhole, false, addresses);
    return turnOther(protocol, isWhole);
  };

  const turnFragment = (at: number, protocol: number, headerLength: number, length: number): Step => {
    const fragmentWord = words[at + FRAGMENT_WORD];
    const offset = fragmentOffset(fragmentWord);
    const hasMore = (fragmentWord & MORE_FRAGMENTS) !== 0;
    if (length === 0 || hasMore && (length & 7) !== 0) return MALFORMED;
    if (headerLength + offset + length > LARGEST_PACKET) return MALFORMED;
    const kind = ipv4Kind(protocol);
    const identification = fragmentWord & 0xffff;
    const addresses = at + SOURCE_WORD;
    if (offset !== 0) return fragments.judge(kind, identification, addresses);
    // The checksum covers the whole datagram, so it cannot be verified in a fragment.
    const step = turnMessage(protocol, at + (headerLength >> 2), length, false, NOT_VERIFIED);
    return fragments.decide(step, kind, identification, addresses);
  };

  const sumOptions = (at: number, headerLength: number): number => {
    let sum = 0;
    for (let i = IPV4_HEADER_LENGTH >> 2; i < headerLength >> 2; i++) sum += halves(words[at + i]);
    return sum;
  };

  /** Adds the host to the options of a reply, before the addresses are swapped, and updates the header checksum. */
  const turnOptions = (at: number, headerLength: number): void => {
    const before = sumOptions(at, headerLength);
    options.enterHost(at << 2, (at << 2) + headerLength);
    const ttlWord = words[at + TTL_WORD];
    const checksum = updateChecksum(ttlWord >>> 16, before - sumOptions(at, headerLength));
    words[at + TTL_WORD] = checksum << 16 | ttlWord & 0xffff;
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
    const source = words[at + SOURCE_WORD];
    const destination = words[at + DESTINATION_WORD];
    const addresses = halves(source) + halves(destination);
    let sum = halves(lengthWord) + halves(fragmentWord) + halves(words[at + TTL_WORD]) + addresses;
    const hasOptions = headerLength > IPV4_HEADER_LENGTH;
    if (hasOptions) sum += sumOptions(at, headerLength);
    // The sum of at most 30 words: if it is a multiple of 0xffff, one folding gives 0xffff.
    if ((sum & 0xffff) + (sum >>> 16) !== 0xffff) return MALFORMED;

    if (hasOptions) {
      const step = options.check(at << 2, (at << 2) + headerLength);
      if (step !== TURNED) return step;
    }
    if (source === destination || isUnanswerable(source) || isUnanswerable(destination)) return IGNORED;

    const protocol = words[at + TTL_WORD] >>> 8 & 0xff;
    const length = totalLength - headerLength;
    const verified = verifies[0] === 1 ? addresses : NOT_VERIFIED;
    const step = (fragmentWord & FRAGMENT_BITS) === 0
      ? turnMessage(protocol, at + (headerLength >> 2), length, true, verified)
      : turnFragment(at, protocol, headerLength, length);
    if (step === IGNORED || step === MALFORMED) return step;

    if (hasOptions) turnOptions(at, headerLength);
    setTimeToLive(words, at, HOP_LIMIT);
    words[at + SOURCE_WORD] = destination;
    words[at + DESTINATION_WORD] = source;
    if (step === HELD) {
      fragments.hold(at, totalLength, fragmentOffset(fragmentWord));
      return HELD;
    }
    return step === FOLLOWED ? -totalLength : totalLength;
  };
}

/** Returns the fragment offset in bytes. */
function fragmentOffset(fragmentWord: number): number {
  return (fragmentWord >>> 8 & 0x1f00 | fragmentWord >>> 24) << 3;
}
