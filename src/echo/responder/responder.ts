import { createAnsweredFragments } from "./answered_fragments.ts";
import { createIpv4Responder } from "./ipv4.ts";
import { createIpv6Responder } from "./ipv6.ts";
import type { ResponderOptions } from "./options.ts";
import { createPlainResponder } from "./plain.ts";
import { MALFORMED, type Responder, type Verdict } from "./verdict.ts";

export { IGNORED, MALFORMED, REPLY, type Verdict } from "./verdict.ts";

const VERSION_BITS = 0xf0;
const VERSION_4 = 0x40;
const VERSION_6 = 0x60;
const SHORTEST_HEADER = 20;

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

  const answerAny = (offset: number, size: number): Verdict => {
    if (size < SHORTEST_HEADER) return MALFORMED;
    const at = offset >> 2;
    const version = words[at] & VERSION_BITS;
    if (version === VERSION_4) return answerIpv4(at, size);
    return version === VERSION_6 ? answerIpv6(at, size) : MALFORMED;
  };
  return createPlainResponder(words, options, answerAny);
}
