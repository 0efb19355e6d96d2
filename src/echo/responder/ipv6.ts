import { ICMPV6_ECHO_REPLY, ICMPV6_ECHO_REQUEST } from "../../wire/icmp.ts";
import {
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_FRAGMENT,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ICMPV6,
  PROTOCOL_ROUTING,
  PROTOCOL_UDP,
} from "../../wire/ip_protocol.ts";
import { IPV6_HEADER_LENGTH, IPV6_OPTION_PAD1 } from "../../wire/ipv6.ts";
import { halves, swapBytes } from "./checksum.ts";
import { IPV6_KIND } from "./datagram_table.ts";
import { HOP_LIMIT, setHopLimit } from "./hop_limit.ts";
import type { ResponderOptions, ResponderState } from "./options.ts";
import { NOT_VERIFIED, type Transport } from "./transport.ts";
import { createUnanswerable6, IPV6_ADDRESS_WORDS } from "./unanswerable.ts";
import { FOLLOWED, HELD, IGNORED, MALFORMED, type Step, TURNED, type Verdict } from "./verdict.ts";

/*
 * The header in little-endian 32-bit words (RFC 8200):
 *   0  version, traffic class, flow label         2 to 5  source
 *   1  payload length, next header, hop limit     6 to 9  destination
 */
const LENGTH_WORD = 1;
const SOURCE_WORD = 2;
const DESTINATION_WORD = 6;

const EXTENSION_UNIT = 8;
const FRAGMENT_HEADER_LENGTH = 8;
/** More than any sender uses. This limits the work that one packet can cause. */
const MOST_EXTENSION_HEADERS = 8;
const LARGEST_PAYLOAD = 65535;

/**
 * Makes the IPv6 half of a responder. The returned function takes the word index of a packet whose version is 6, and its
 * size in bytes.
 *
 * @param memory The memory that holds the packets.
 * @param words The same memory as 32-bit words.
 */
export function createIpv6Responder(
  memory: Uint8Array,
  words: Int32Array,
  { turnEchoRequest, turnUdp, turnOther }: Transport,
  { icmp, udp, noHosts = [] }: ResponderOptions,
  { fragments, verifies }: ResponderState,
): (at: number, size: number) => Verdict {
  const isUnanswerable = createUnanswerable6(words, noHosts);

  /**
   * Returns `TURNED` if the options from byte `start` to byte `end` allow an answer. The two top bits of an option's type
   * are 0 if a node that does not know the option may skip it (RFC 8200 section 4.2). No option is known here.
   */
  const checkOptions = (start: number, end: number): Step => {
    let position = start;
    while (position < end) {
      const type = memory[position];
      if (type === IPV6_OPTION_PAD1) {
        position++;
        continue;
      }
      if (position + 2 > end) return MALFORMED;
      position += 2 + memory[position + 1];
      if (position > end) return MALFORMED;
      if ((type & 0xc0) !== 0) return IGNORED;
    }
    return TURNED;
  };

  /** The offset in bytes of the fragment that was turned last. */
  let fragmentOffset = 0;

  /** Turns the message behind the fragment header at `position`, or judges a later fragment. */
  const turnFragment = (at: number, position: number, end: number): Step => {
    if (position + FRAGMENT_HEADER_LENGTH > end) return MALFORMED;
    const header = words[at + (position >> 2)];
    const identification = words[at + (position >> 2) + 1];
    fragmentOffset = header >>> 8 & 0xff00 | header >>> 24 & 0xf8;
    const hasMore = (header & 0x0100_0000) !== 0;
    const next = header & 0xff;
    const dataPosition = position + FRAGMENT_HEADER_LENGTH;
    // A fragment that is the whole datagram is treated like one that is not fragmented (RFC 6946).
    if (fragmentOffset === 0 && !hasMore) return turnChain(at, next, dataPosition, end, true, true);

    const length = end - dataPosition;
    if (length === 0 || hasMore && (length & 7) !== 0) return MALFORMED;
    if (position - IPV6_HEADER_LENGTH + fragmentOffset + length > LARGEST_PAYLOAD) return MALFORMED;
    const addresses = at + SOURCE_WORD;
    if (fragmentOffset !== 0) return fragments.judge(IPV6_KIND, identification, addresses);
    const step = turnChain(at, next, dataPosition, end, true, false);
    return fragments.decide(step, IPV6_KIND, identification, addresses);
  };

  const sumAddresses = (at: number): number => {
    let sum = 0;
    for (let i = SOURCE_WORD; i < SOURCE_WORD + 2 * IPV6_ADDRESS_WORDS; i++) sum += halves(words[at + i]);
    return sum;
  };

  /** Turns the message at word `at`. `addresses` is the sum of the addresses' halves, or `NOT_VERIFIED`. */
  const turnMessage = (
    protocol: number,
    at: number,
    length: number,
    isWhole: boolean,
    addresses: number,
  ): Step => {
    if (protocol === PROTOCOL_UDP) return udp ? turnUdp(at, length, isWhole, true, addresses) : IGNORED;
    if (!icmp) return IGNORED;
    const pseudoHeader = addresses === NOT_VERIFIED
      ? NOT_VERIFIED
      : addresses + (PROTOCOL_ICMPV6 << 8) + swapBytes(length);
    return turnEchoRequest(at, length, ICMPV6_ECHO_REQUEST, ICMPV6_ECHO_REPLY, pseudoHeader);
  };

  /**
   * Walks the extension headers from byte `firstPosition` of the packet at word `at`, and turns the message behind them.
   * AH, ESP and "no next header" are ignored like any other protocol that is not answered.
   */
  const turnChain = (
    at: number,
    firstNext: number,
    firstPosition: number,
    end: number,
    isFragment: boolean,
    isWhole: boolean,
  ): Step => {
    let next = firstNext;
    let position = firstPosition;
    for (let headers = 0; headers <= MOST_EXTENSION_HEADERS; headers++) {
      const headerAt = at + (position >> 2);
      if (next === PROTOCOL_ICMPV6 || next === PROTOCOL_UDP) {
        // The checksum covers the whole datagram, so it cannot be verified in a fragment.
        const isVerified = isWhole && verifies[0] === 1;
        return turnMessage(
          next,
          headerAt,
          end - position,
          isWhole,
          isVerified ? sumAddresses(at) : NOT_VERIFIED,
        );
      }
      // A fragment is never fragmented again.
      if (next === PROTOCOL_FRAGMENT) return isFragment ? IGNORED : turnFragment(at, position, end);
      const isRouting = next === PROTOCOL_ROUTING;
      const isHopByHop = next === PROTOCOL_HOP_BY_HOP;
      if (!isRouting && !isHopByHop && next !== PROTOCOL_DESTINATION_OPTIONS) {
        return turnOther(next, isWhole);
      }
      if (isHopByHop && position !== IPV6_HEADER_LENGTH) return MALFORMED;
      if (position + EXTENSION_UNIT > end) return MALFORMED;
      const header = words[headerAt];
      const headerEnd = position + EXTENSION_UNIT * ((header >>> 8 & 0xff) + 1);
      if (headerEnd > end) return MALFORMED;
      if (isRouting) {
        const segmentsLeft = header >>> 24;
        if (segmentsLeft !== 0) return IGNORED;
      } else {
        const step = checkOptions((at << 2) + position + 2, (at << 2) + headerEnd);
        if (step !== TURNED) return step;
      }
      next = header & 0xff;
      position = headerEnd;
    }
    return IGNORED;
  };

  return (at: number, size: number): Verdict => {
    if (size < IPV6_HEADER_LENGTH) return MALFORMED;
    const lengthWord = words[at + LENGTH_WORD];
    const payloadLength = (lengthWord & 0xff) << 8 | lengthWord >>> 8 & 0xff;
    const end = IPV6_HEADER_LENGTH + payloadLength;
    if (end > size) return MALFORMED;
    const source0 = words[at + SOURCE_WORD];
    const source1 = words[at + SOURCE_WORD + 1];
    const source2 = words[at + SOURCE_WORD + 2];
    const source3 = words[at + SOURCE_WORD + 3];
    const destination0 = words[at + DESTINATION_WORD];
    const destination1 = words[at + DESTINATION_WORD + 1];
    const destination2 = words[at + DESTINATION_WORD + 2];
    const destination3 = words[at + DESTINATION_WORD + 3];
    if (
      source3 === destination3 && source2 === destination2 && source1 === destination1 &&
      source0 === destination0
    ) return IGNORED;
    if (isUnanswerable(at + SOURCE_WORD) || isUnanswerable(at + DESTINATION_WORD)) return IGNORED;

    const next = lengthWord >>> 16 & 0xff;
    const step = turnChain(at, next, IPV6_HEADER_LENGTH, end, false, true);
    if (step === IGNORED || step === MALFORMED) return step;

    setHopLimit(words, at, HOP_LIMIT);
    words[at + SOURCE_WORD] = destination0;
    words[at + SOURCE_WORD + 1] = destination1;
    words[at + SOURCE_WORD + 2] = destination2;
    words[at + SOURCE_WORD + 3] = destination3;
    words[at + DESTINATION_WORD] = source0;
    words[at + DESTINATION_WORD + 1] = source1;
    words[at + DESTINATION_WORD + 2] = source2;
    words[at + DESTINATION_WORD + 3] = source3;
    if (step === HELD) {
      fragments.hold(at, end, fragmentOffset);
      return HELD;
    }
    return step === FOLLOWED ? -end : end;
  };
}
