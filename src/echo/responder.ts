import { createAnsweredFragments } from "./answered_fragments.ts";
import { addressWord, createIpv4Responder } from "./responder_ipv4.ts";
import { createIpv6Responder } from "./responder_ipv6.ts";
import { MALFORMED, REPLY, type Verdict } from "./verdict.ts";

export { IGNORED, MALFORMED, REPLY, type Verdict } from "./verdict.ts";

export interface ResponderOptions {
  /** Answer ICMP and ICMPv6 echo requests. */
  readonly icmp: boolean;
  /** Answer UDP on every port. */
  readonly udp: boolean;
  /** Directed broadcast addresses of the served IPv4 networks, as unsigned numbers (10.6.7.255 is 0x0a0607ff). */
  readonly broadcasts?: readonly number[];
}

/**
 * Looks at the packet of `size` bytes (any number from 0 on) that starts at `offset`, a multiple of 4, and turns it
 * into its reply or leaves it as it was.
 */
export type Responder = (offset: number, size: number) => Verdict;

/*
 * What the fast path looks for, in little-endian 32-bit words as in responder_ipv4.ts. These are constants of this
 * module on purpose: V8 folds them, but loads and checks an imported one at each use.
 */
const VERSION_BITS = 0xf0;
const VERSION_4 = 0x40;
const VERSION_6 = 0x60;
const VERSION_4_WITHOUT_OPTIONS = 0x45;
const HEADER_LENGTH = 20;
const WITH_TRANSPORT_HEADER = 28;
const FRAGMENT_BITS = 0xff3f_0000 | 0;
const PROTOCOL_BITS = 0xff00;
const ICMP_BITS = 0x0100;
const UDP_BITS = 0x1100;
const ECHO_REQUEST = 8;
const LAST_PORT_TO_LOOK_AT = 37;
const REPLY_TTL = 64;

/**
 * Makes the function that answers packets in place: ICMP and ICMPv6 echo, and UDP echo, over IPv4 and IPv6.
 *
 * It is the innermost part of the echo loop: it allocates nothing, makes no views and never throws, whatever the bytes
 * are. It reads and writes only the packet, and writes only if it returns REPLY. A reply has the size of its request:
 * bytes behind the IP length (padding) go back as they came, for the receiver to drop. Later fragments are answered
 * only if their first was, see answered_fragments.ts.
 *
 * An IPv4 header checksum is verified, as a router would; those of ICMP and UDP are not, and a wrong one stays wrong in
 * the reply. What must never be answered is ignored: multicast, broadcast, unspecified, loopback or equal addresses,
 * anything of ICMP that is no echo request, source routes, and UDP from a port that answers by itself.
 *
 * Two responders that route to each other would answer each other's UDP without end, as a reply looks like a request
 * (unless it comes from port 7): do not let one adapter's network reach another's with `udp` on both.
 *
 * @param memory holds all packets, for as long as the function is used. It may lie over a SharedArrayBuffer. Its start
 *   in the buffer and its length are multiples of 4.
 */
export function createResponder(memory: Uint8Array, options: ResponderOptions): Responder {
  if (memory.byteOffset % 4 !== 0 || memory.byteLength % 4 !== 0) {
    throw new RangeError("Packet memory must start and end at a multiple of 4 bytes");
  }
  const words = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  const answered = createAnsweredFragments(words);
  const { icmp, udp, broadcasts = [] } = options;
  const answerIpv4 = createIpv4Responder(memory, words, answered, icmp, udp, broadcasts);
  const answerIpv6 = createIpv6Responder(memory, words, answered, icmp, udp);
  // The bits that all broadcast addresses share: an address without them is none of these.
  const broadcastBits = broadcasts.reduce((shared, address) => shared & addressWord(address), -1);

  const answerAny = (at: number, size: number): Verdict => {
    if (size < HEADER_LENGTH) return MALFORMED;
    const version = words[at] & VERSION_BITS;
    if (version === VERSION_4) return answerIpv4(at, size);
    return version === VERSION_6 ? answerIpv6(at, size) : MALFORMED;
  };

  // The plain case, an IPv4 echo request or UDP datagram without options that is no fragment, is answered here in one
  // function without a call. Whatever is unusual in any way goes to the functions that look at everything; they would
  // answer the plain case just the same.
  return (offset: number, size: number): Verdict => {
    const at = offset >> 2;
    if (size < WITH_TRANSPORT_HEADER) return answerAny(at, size);
    const lengthWord = words[at];
    if ((lengthWord & 0xff) !== VERSION_4_WITHOUT_OPTIONS) return answerAny(at, size);
    const fragmentWord = words[at + 1];
    const ttlWord = words[at + 2];
    const source = words[at + 3];
    const destination = words[at + 4];
    const totalLength = lengthWord >>> 8 & 0xff00 | lengthWord >>> 24;
    const sum = (lengthWord & 0xffff) + (lengthWord >>> 16) + (fragmentWord & 0xffff) +
      (fragmentWord >>> 16) +
      (ttlWord & 0xffff) + (ttlWord >>> 16) + (source & 0xffff) + (source >>> 16) +
      (destination & 0xffff) + (destination >>> 16);
    const sourceOctet = source & 0xff;
    const destinationOctet = destination & 0xff;
    if (
      totalLength < WITH_TRANSPORT_HEADER || totalLength > size || (fragmentWord & FRAGMENT_BITS) !== 0 ||
      (sum & 0xffff) + (sum >>> 16) !== 0xffff || source === destination ||
      sourceOctet === 0 || sourceOctet === 127 || sourceOctet >= 224 ||
      destinationOctet === 0 || destinationOctet === 127 || destinationOctet >= 224 ||
      (source & broadcastBits) === broadcastBits || (destination & broadcastBits) === broadcastBits
    ) return answerAny(at, size);

    const protocol = ttlWord & PROTOCOL_BITS;
    const header = words[at + 5];
    if (protocol === ICMP_BITS && icmp && (header & 0xffff) === ECHO_REQUEST) {
      // As in turnEchoRequest(). Zero is its corner.
      let checksum = (header >>> 16) + ECHO_REQUEST;
      if (checksum >= 0xffff) checksum -= 0xffff;
      if (checksum === 0) return answerAny(at, size);
      words[at + 5] = checksum << 16;
    } else if (protocol === UDP_BITS && udp) {
      const lengthAndChecksum = words[at + 6];
      const udpLength = (lengthAndChecksum & 0xff) << 8 | lengthAndChecksum >>> 8 & 0xff;
      const sourcePort = (header & 0xff) << 8 | header >>> 8 & 0xff;
      if (
        udpLength < 8 || udpLength > totalLength - HEADER_LENGTH || sourcePort <= LAST_PORT_TO_LOOK_AT ||
        header >>> 16 === 0
      ) return answerAny(at, size);
      words[at + 5] = header << 16 | header >>> 16;
    } else {
      return answerAny(at, size);
    }

    // As in responder_ipv4.ts.
    let checksum = (ttlWord >>> 16) + (ttlWord & 0xff) - REPLY_TTL;
    if (checksum < 0) checksum += 0xffff;
    else if (checksum >= 0xffff) checksum -= 0xffff;
    words[at + 2] = checksum << 16 | protocol | REPLY_TTL;
    words[at + 3] = destination;
    words[at + 4] = source;
    return REPLY;
  };
}
