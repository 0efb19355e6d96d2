import { addressWord } from "./ipv4.ts";
import type { ResponderOptions } from "./options.ts";
import { REPLY, type Responder, type Verdict } from "./verdict.ts";

const HEADER_LENGTH = 20;
/** RFC 862, 867, 865, 864, 868: the ports that must not be answered are below; see responder_transport.ts. */
const LAST_PORT_TO_LOOK_AT = 37;

/**
 * Makes a responder for the plain case, an IPv4 echo request or UDP datagram without options that is no fragment and
 * fills its packet. Whatever is unusual in any way goes to `answerAny`, which would answer the plain case just the same.
 *
 * The echo loop spends its time here, so it is written for V8, which inlines it into the loop: as long as it is small
 * (460 bytes of bytecode; 510 with all that it calls), and its constants are literals or of this closure, since those
 * of a module are loaded and checked at every use. Words are little-endian as in responder_ipv4.ts.
 */
export function createPlainResponder(
  words: Int32Array,
  { icmp, udp, broadcasts = [] }: ResponderOptions,
  answerAny: Responder,
): Responder {
  const reply = REPLY;
  const fragmentBits = 0xff3f_0000 | 0;
  const versionAndLengthBits = 0xffff_00ff | 0;
  const icmpProtocol = icmp ? 0x0100 : -1;
  const udpProtocol = udp ? 0x1100 : -1;
  // By first octet: no "this network", loopback, multicast, reserved or broadcast.
  const unicast = Uint8Array.from({ length: 256 }, (_, octet) => Number(octet % 127 !== 0 && octet < 224));
  // The bits that all broadcast addresses share: an address without them is none of these.
  const broadcastBits = broadcasts.reduce((shared, address) => shared & addressWord(address), -1);

  const areHosts = (source: number, destination: number): boolean =>
    (unicast[source & 0xff] & unicast[destination & 0xff]) !== 0 && source !== destination &&
    ((source | destination) & broadcastBits) !== broadcastBits;

  const turnPlainUdp = (at: number, size: number): boolean => {
    const ports = words[at + 5];
    const lengthWord = words[at + 6];
    const length = (lengthWord & 0xff) << 8 | lengthWord >>> 8 & 0xff;
    const sourcePort = (ports & 0xff) << 8 | ports >>> 8 & 0xff;
    if (length !== size - HEADER_LENGTH || sourcePort <= LAST_PORT_TO_LOOK_AT || ports >>> 16 === 0) {
      return false;
    }
    words[at + 5] = ports << 16 | ports >>> 16;
    return true;
  };

  return (offset: number, size: number): Verdict => {
    if (size < 28) return answerAny(offset, size);
    const packet = words;
    const half = 0xffff;
    const at = offset >> 2;
    const lengthWord = packet[at];
    const fragmentWord = packet[at + 1];
    const ttlWord = packet[at + 2];
    const source = packet[at + 3];
    const destination = packet[at + 4];
    const sum = (lengthWord & half) + (fragmentWord & half) + (ttlWord & half) + (source & half) +
      (destination & half) + (lengthWord >>> 16) + (fragmentWord >>> 16) + (ttlWord >>> 16) +
      (source >>> 16) + (destination >>> 16);
    // As in responder_ipv4.ts, when it does not wrap around.
    const checksum = (ttlWord >>> 16) + (ttlWord & 0xff) - 64;
    if (
      (sum & half) + (sum >>> 16) !== half ||
      (lengthWord & versionAndLengthBits) !== (size << 24 | size >> 8 << 16 | 0x45) ||
      (fragmentWord & fragmentBits) !== 0 || checksum >>> 0 >= half || !areHosts(source, destination)
    ) return answerAny(offset, size);

    const protocol = ttlWord & 0xff00;
    const header = packet[at + 5];
    if (protocol === icmpProtocol && (header & half) === 8 && header >>> 16 < 0xfff7) {
      // As in turnEchoRequest(), when it does not wrap around: the type loses 8, the checksum grows by 8.
      packet[at + 5] = header + 0x7_fff8;
    } else if (protocol !== udpProtocol || !turnPlainUdp(at, size)) {
      return answerAny(offset, size);
    }
    packet[at + 2] = checksum << 16 | protocol | 64;
    packet[at + 3] = destination;
    packet[at + 4] = source;
    return reply;
  };
}
