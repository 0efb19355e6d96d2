import { createChecksumTest } from "./checksum.ts";
import { createIpv4Responder } from "./ipv4.ts";
import { createIpv6Responder } from "./ipv6.ts";
import type { ResponderOptions, ResponderState } from "./options.ts";
import { createPlainResponder } from "./plain.ts";
import { createTransport } from "./transport.ts";
import { MALFORMED, type Responder, type Verdict } from "./verdict.ts";

const VERSION_BITS = 0xf0;
const VERSION_4 = 0x40;
const VERSION_6 = 0x60;
const SHORTEST_HEADER = 20;

/**
 * Makes the function that answers packets in place: ICMP and ICMPv6 echo, and UDP echo, over IPv4 and IPv6.
 *
 * The function is the innermost part of the echo loop. It allocates nothing, makes no views and never throws, whatever the
 * bytes are. Of `memory`, it reads and writes only the packet, and writes only if the packet becomes a reply. A reply is
 * as long as the IP header says; padding behind that is not part of it. A later fragment is answered if the first one of
 * its datagram was (see fragments.ts).
 *
 * The IPv4 header checksum is always verified, as by a router. Checksums of ICMP, ICMPv6 and UDP are verified while
 * `state.verifies` is set, in packets that are no fragments. Record Route and Timestamp options get an entry of the host
 * that the packet is for.
 *
 * A packet that must never be answered is ignored: one whose addresses are multicast, broadcast, unspecified, loopback,
 * equal, or those of no host; an ICMP message that is no echo request; a source route; UDP from a port whose service
 * answers every datagram.
 *
 * Two responders that route to each other would answer each other's UDP without end, because a reply looks like a request
 * (unless it comes from port 7). Do not let one adapter's network reach another's with `udp` on both.
 *
 * @param memory Holds all packets for as long as the function is used. Its buffer may be a SharedArrayBuffer.
 * @param state Made for the same memory.
 * @throws {RangeError} If `memory` does not start in its buffer, and end, at a multiple of 4 bytes.
 */
export function createResponder(
  memory: Uint8Array,
  options: ResponderOptions,
  state: ResponderState,
): Responder {
  const words = packetWords(memory);
  const isRight = createChecksumTest(words);
  const transport = createTransport(words, isRight);
  const answerIpv4 = createIpv4Responder(memory, words, transport, options, state);
  const answerIpv6 = createIpv6Responder(memory, words, transport, options, state);

  const answerAny = (offset: number, size: number): Verdict => {
    if (size < SHORTEST_HEADER) return MALFORMED;
    const at = offset >> 2;
    const version = words[at] & VERSION_BITS;
    if (version === VERSION_4) return answerIpv4(at, size);
    return version === VERSION_6 ? answerIpv6(at, size) : MALFORMED;
  };
  return createPlainResponder(words, isRight, options, state.verifies, answerAny);
}

/**
 * Returns a view of the memory of packets as 32-bit words.
 *
 * @throws {RangeError} If `memory` does not start in its buffer, and end, at a multiple of 4 bytes.
 */
export function packetWords(memory: Uint8Array): Int32Array {
  if (memory.byteOffset % 4 !== 0 || memory.byteLength % 4 !== 0) {
    throw new RangeError("Packet memory must start and end at a multiple of 4 bytes");
  }
  return new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
}
