import { internetChecksum, sumWords } from "../../wire/checksum.ts";
import { ICMP_CHECKSUM, ICMP_CODE, ICMP_HEADER_LENGTH, ICMP_TYPE } from "../../wire/icmp.ts";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP } from "../../wire/ip_protocol.ts";
import {
  IPV4_CHECKSUM,
  IPV4_DESTINATION,
  IPV4_HEADER_LENGTH,
  IPV4_IDENTIFICATION,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
  IPV4_VERSION_IHL,
} from "../../wire/ipv4.ts";
import {
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_HOP_LIMIT,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
  IPV6_VERSION,
} from "../../wire/ipv6.ts";
import { readUint16, writeUint16 } from "../../wire/packet.ts";
import {
  TCP_ACKNOWLEDGMENT,
  TCP_CHECKSUM,
  TCP_DATA_OFFSET,
  TCP_DESTINATION_PORT,
  TCP_FLAGS,
  TCP_HEADER_LENGTH,
  TCP_SEQUENCE,
  TCP_SOURCE_PORT,
} from "../../wire/tcp.ts";
import { HOP_LIMIT, setHopLimit, setTimeToLive } from "../responder/hop_limit.ts";
import type { IncomingPacket } from "./incoming.ts";

/** An ICMP error by family, with the names of RFC 792, RFC 1122 and RFC 4443. */
export interface IcmpError {
  readonly type4: number;
  readonly code4: number;
  readonly type6: number;
  readonly code6: number;
}

/** Host unreachable; address unreachable. */
export const HOST_UNREACHABLE: IcmpError = { type4: 3, code4: 1, type6: 1, code6: 3 };
export const PORT_UNREACHABLE: IcmpError = { type4: 3, code4: 3, type6: 1, code6: 4 };
/** Fragmentation needed and DF set; packet too big. The parameter is the MTU of the next hop. */
export const TOO_BIG: IcmpError = { type4: 3, code4: 4, type6: 2, code6: 0 };
/** Time to live exceeded in transit; hop limit exceeded in transit. */
export const TIME_EXCEEDED: IcmpError = { type4: 11, code4: 0, type6: 3, code6: 0 };

/** The longest ICMP errors: RFC 1812 section 4.3.2.3, and the least MTU of IPv6 (RFC 4443 section 2.4). */
const LONGEST_ERROR_4 = 576;
const LONGEST_ERROR_6 = 1280;

/** The room that `OwnPackets` needs, in bytes. */
export const OWN_PACKET_BYTES = LONGEST_ERROR_6;

/** Precedence "internetwork control", which ICMP errors should have (RFC 1812 section 4.3.2.5). */
const INTERNETWORK_CONTROL = 0xc0;

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** Writes the packets with which routers and hosts answer another packet than by an echo. Each takes the place of the one before. */
export class OwnPackets {
  /** The memory of the packets that are answered. */
  readonly #memory: Uint8Array;
  readonly #words: Int32Array;
  /** The memory into which packets are written, from its start on. */
  readonly #own: Uint8Array;
  readonly #ownWords: Int32Array;
  #identification = 0;

  /**
   * @param memory The memory that holds the received packets.
   * @param words The same as 32-bit words.
   * @param own At least `OWN_PACKET_BYTES`, at a multiple of 4.
   */
  constructor(memory: Uint8Array, words: Int32Array, own: Uint8Array) {
    this.#memory = memory;
    this.#words = words;
    this.#own = own;
    this.#ownWords = new Int32Array(own.buffer, own.byteOffset, own.byteLength >> 2);
  }

  /**
   * Writes an ICMP error about a packet, with as much of the packet as an error may hold. Returns its size in bytes.
   *
   * @param sender The address of the router that sends it; `null` for the packet's destination.
   * @param parameter The four bytes behind the checksum.
   * @param hopsBack How many routers have passed the packet on, and pass the error on.
   */
  writeError(
    packet: IncomingPacket,
    error: IcmpError,
    sender: Uint8Array | null,
    parameter: number,
    hopsBack: number,
  ): number {
    const own = this.#own;
    const { family } = packet;
    const headerLength = family === 4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH;
    const longest = family === 4 ? LONGEST_ERROR_4 : LONGEST_ERROR_6;
    const quote = headerLength + ICMP_HEADER_LENGTH;
    const size = Math.min(quote + packet.length, longest);
    const quoteWords = size - quote + 3 >> 2;
    const from = packet.start >> 2;
    for (let i = 0; i < quoteWords; i++) this.#ownWords[(quote >> 2) + i] = this.#words[from + i];
    // The packet as it reached the sender of the error.
    const hopLimit = Math.max(0, packet.hopLimit - hopsBack);
    if (family === 4) setTimeToLive(this.#ownWords, quote >> 2, hopLimit);
    else setHopLimit(this.#ownWords, quote >> 2, hopLimit);

    const protocol = family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
    this.#writeHeader(packet, sender, protocol, size, hopsBack, INTERNETWORK_CONTROL);
    own[headerLength + ICMP_TYPE] = family === 4 ? error.type4 : error.type6;
    own[headerLength + ICMP_CODE] = family === 4 ? error.code4 : error.code6;
    writeUint16(own, headerLength + 4, parameter >>> 16);
    writeUint16(own, headerLength + 6, parameter);
    this.#writeChecksum(family, protocol, headerLength, ICMP_CHECKSUM, size);
    return size;
  }

  /**
   * Writes the reset that answers a TCP segment to a port where nobody listens (RFC 9293 section 3.10.7.1). Returns its size in
   * bytes; 0 if the segment is a reset, which is not answered; -1 if the segment is malformed.
   *
   * @param hopsBack How many routers pass the reset on.
   */
  writeReset(packet: IncomingPacket, hopsBack: number): number {
    const own = this.#own;
    const memory = this.#memory;
    const { family, upper, upperLength } = packet;
    const segmentHeader = upperLength < TCP_HEADER_LENGTH ? 0 : memory[upper + TCP_DATA_OFFSET] >> 4 << 2;
    if (segmentHeader < TCP_HEADER_LENGTH || segmentHeader > upperLength) return -1;
    if (!packet.hasRightChecksum) return -1;
    const flags = memory[upper + TCP_FLAGS];
    if ((flags & RST) !== 0) return 0;

    const headerLength = family === 4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH;
    const size = headerLength + TCP_HEADER_LENGTH;
    this.#writeHeader(packet, null, PROTOCOL_TCP, size, hopsBack, 0);
    own.fill(0, headerLength, size);
    writeUint16(own, headerLength + TCP_SOURCE_PORT, readUint16(memory, upper + TCP_DESTINATION_PORT));
    writeUint16(own, headerLength + TCP_DESTINATION_PORT, readUint16(memory, upper + TCP_SOURCE_PORT));
    if ((flags & ACK) !== 0) {
      for (let i = 0; i < 4; i++) {
        own[headerLength + TCP_SEQUENCE + i] = memory[upper + TCP_ACKNOWLEDGMENT + i];
      }
      own[headerLength + TCP_FLAGS] = RST;
    } else {
      const data = upperLength - segmentHeader;
      const taken = data + ((flags & SYN) === 0 ? 0 : 1) + ((flags & FIN) === 0 ? 0 : 1);
      const low = readUint16(memory, upper + TCP_SEQUENCE + 2) + taken;
      writeUint16(own, headerLength + TCP_ACKNOWLEDGMENT + 2, low);
      writeUint16(
        own,
        headerLength + TCP_ACKNOWLEDGMENT,
        readUint16(memory, upper + TCP_SEQUENCE) + (low >>> 16),
      );
      own[headerLength + TCP_FLAGS] = RST | ACK;
    }
    own[headerLength + TCP_DATA_OFFSET] = TCP_HEADER_LENGTH >> 2 << 4;
    this.#writeChecksum(family, PROTOCOL_TCP, headerLength, TCP_CHECKSUM, size);
    return size;
  }

  /** Writes the IP header of an answer to a packet. */
  #writeHeader(
    packet: IncomingPacket,
    sender: Uint8Array | null,
    protocol: number,
    size: number,
    hopsBack: number,
    typeOfService: number,
  ): void {
    const own = this.#own;
    const isV4 = packet.family === 4;
    own.fill(0, 0, isV4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH);
    const sourceAt = isV4 ? IPV4_SOURCE : IPV6_SOURCE;
    const destinationAt = isV4 ? IPV4_DESTINATION : IPV6_DESTINATION;
    const addressLength = destinationAt - sourceAt;
    for (let i = 0; i < addressLength; i++) {
      own[sourceAt + i] = sender === null ? this.#memory[packet.destination + i] : sender[i];
      own[destinationAt + i] = this.#memory[packet.source + i];
    }
    if (!isV4) {
      own[IPV6_VERSION] = 0x60;
      writeUint16(own, IPV6_PAYLOAD_LENGTH, size - IPV6_HEADER_LENGTH);
      own[IPV6_NEXT_HEADER] = protocol;
      own[IPV6_HOP_LIMIT] = HOP_LIMIT - hopsBack;
      return;
    }
    own[IPV4_VERSION_IHL] = 0x45;
    own[IPV4_VERSION_IHL + 1] = typeOfService;
    writeUint16(own, IPV4_TOTAL_LENGTH, size);
    this.#identification = this.#identification + 1 & 0xffff;
    writeUint16(own, IPV4_IDENTIFICATION, this.#identification);
    own[IPV4_TTL] = HOP_LIMIT - hopsBack;
    own[IPV4_PROTOCOL] = protocol;
    writeUint16(own, IPV4_CHECKSUM, internetChecksum(own, 0, IPV4_HEADER_LENGTH));
  }

  #writeChecksum(family: 4 | 6, protocol: number, headerLength: number, at: number, size: number): void {
    const own = this.#own;
    const length = size - headerLength;
    const addresses = family === 4 ? IPV4_SOURCE : IPV6_SOURCE;
    const pseudoHeader = protocol === PROTOCOL_ICMP
      ? 0
      : sumWords(own, addresses, headerLength - addresses, protocol + length);
    writeUint16(own, headerLength + at, 0);
    writeUint16(own, headerLength + at, internetChecksum(own, headerLength, length, pseudoHeader));
  }
}
