import type { ChecksumTest } from "./checksum.ts";
import type { ResponderOptions } from "./options.ts";
import { ipv4Words } from "./unanswerable.ts";
import type { Responder, Verdict } from "./verdict.ts";

const HEADER_LENGTH = 20;
/** The highest source port that may have to be refused; `turnUdp()` in transport.ts decides. */
const LAST_ANSWERING_PORT = 37;

/**
 * Makes a responder for the plain case: an IPv4 echo request or UDP datagram without options that is no fragment and
 * fills its packet. Every other packet goes to `answerAny`, which would give the same answer in the plain case.
 *
 * The echo loop spends its time here, so the code is written for V8: constants are literals or belong to this closure,
 * because V8 loads and checks a module's constants at every use. Words are little-endian as in ipv4.ts.
 *
 * @param words The memory that holds the packets, as 32-bit words.
 * @param isRight The test of checksums in `words`.
 * @param verifies See `ResponderState`.
 */
export function createPlainResponder(
  words: Int32Array,
  isRight: ChecksumTest,
  { icmp, udp, noHosts = [] }: ResponderOptions,
  verifies: Int32Array,
  answerAny: Responder,
): Responder {
  const fragmentBits = 0xff3f_0000 | 0;
  const versionAndLengthBits = 0xffff_00ff | 0;
  const icmpProtocol = icmp ? 0x0100 : -1;
  const udpProtocol = udp ? 0x1100 : -1;
  // By first octet: 0 for "this network", loopback, multicast, reserved and broadcast addresses.
  const unicast = Uint8Array.from({ length: 256 }, (_, octet) => Number(octet % 127 !== 0 && octet < 224));
  // By last octet: 0 if an address that belongs to no host ends with it. `answerAny` then compares whole addresses.
  const noHostWords = ipv4Words(noHosts);
  const host = Uint8Array.from(
    { length: 256 },
    (_, octet) => Number(noHostWords.every((word) => word >>> 24 !== octet)),
  );

  const areHosts = (source: number, destination: number): boolean =>
    (unicast[source & 0xff] & unicast[destination & 0xff] & host[source >>> 24] &
        host[destination >>> 24]) !==
      0 && source !== destination;

  const turnPlainUdp = (at: number, size: number, addresses: number): boolean => {
    const ports = words[at + 5];
    const lengthAndChecksum = words[at + 6];
    const length = (lengthAndChecksum & 0xff) << 8 | lengthAndChecksum >>> 8 & 0xff;
    const sourcePort = (ports & 0xff) << 8 | ports >>> 8 & 0xff;
    if (length !== size - HEADER_LENGTH || sourcePort <= LAST_ANSWERING_PORT || ports >>> 16 === 0) {
      return false;
    }
    if (
      verifies[0] === 1 && lengthAndChecksum >>> 16 !== 0 &&
      !isRight(at + 5, length, addresses + 0x1100 + (lengthAndChecksum & 0xffff))
    ) return false;
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
    const addresses = (source & half) + (destination & half) + (source >>> 16) + (destination >>> 16);
    const sum = (lengthWord & half) + (fragmentWord & half) + (ttlWord & half) + (lengthWord >>> 16) +
      (fragmentWord >>> 16) + (ttlWord >>> 16) + addresses;
    // As updateChecksum(), if the result does not wrap around.
    const checksum = (ttlWord >>> 16) + (ttlWord & 0xff) - 64;
    if (
      (sum & half) + (sum >>> 16) !== half ||
      (lengthWord & versionAndLengthBits) !== (size << 24 | size >> 8 << 16 | 0x45) ||
      (fragmentWord & fragmentBits) !== 0 || checksum >>> 0 >= half || !areHosts(source, destination)
    ) return answerAny(offset, size);

    const protocol = ttlWord & 0xff00;
    const header = packet[at + 5];
    if (protocol === icmpProtocol && (header & half) === 8 && header >>> 16 < 0xfff7) {
      if (verifies[0] === 1 && !isRight(at + 5, size - 20, 0)) return answerAny(offset, size);
      // As turnEchoRequest(), if the checksum does not wrap around: the type loses 8, so the checksum grows by 8.
      packet[at + 5] = header + 0x7_fff8;
    } else if (protocol !== udpProtocol || !turnPlainUdp(at, size, addresses)) {
      return answerAny(offset, size);
    }
    packet[at + 2] = checksum << 16 | protocol | 64;
    packet[at + 3] = destination;
    packet[at + 4] = source;
    return size;
  };
}
