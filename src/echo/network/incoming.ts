import { ICMP_HEADER_LENGTH, ICMP_TYPE } from "../../wire/icmp.ts";
import { isIcmpError } from "../../wire/icmp_names.ts";
import {
  PROTOCOL_AH,
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_FRAGMENT,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_ROUTING,
} from "../../wire/ip_protocol.ts";
import {
  IPV4_DESTINATION,
  IPV4_DONT_FRAGMENT,
  IPV4_FLAGS_OFFSET,
  IPV4_HEADER_LENGTH,
  IPV4_MORE_FRAGMENTS,
  IPV4_OFFSET_MASK,
  IPV4_PROTOCOL,
  IPV4_SOURCE,
  IPV4_TOTAL_LENGTH,
  IPV4_TTL,
} from "../../wire/ipv4.ts";
import {
  IPV6_DESTINATION,
  IPV6_HEADER_LENGTH,
  IPV6_HOP_LIMIT,
  IPV6_NEXT_HEADER,
  IPV6_PAYLOAD_LENGTH,
  IPV6_SOURCE,
} from "../../wire/ipv6.ts";
import { readUint16 } from "../../wire/packet.ts";
import { type ChecksumTest, halves, swapBytes } from "../responder/checksum.ts";

/** `IncomingPacket.protocol` where the upper layer cannot be found. */
const UNKNOWN_PROTOCOL = -1;

/** More than any sender uses. This limits the work that one packet can cause. */
const MOST_EXTENSION_HEADERS = 9;
const EXTENSION_UNIT = 8;
/** ICMPv6 redirect (RFC 4861): no error, but none is sent about it (RFC 4443 section 2.4). */
const ICMPV6_REDIRECT = 137;

/** The fields of a received packet that routers and hosts look at. Positions are byte indices in the packets' memory. */
export class IncomingPacket {
  family: 4 | 6 = 4;
  /** Where the packet starts. */
  start = 0;
  /** Its length by the IP header. */
  length = 0;
  /** TTL, or hop limit. */
  hopLimit = 0;
  /** Whether no router may fragment it. */
  dontFragment = false;
  /** The protocol above all headers that can be walked; -1 if it cannot be found. */
  protocol = UNKNOWN_PROTOCOL;
  /** Where the upper layer starts. */
  upper = 0;
  isFragment = false;
  isFirstFragment = true;
  source = 0;
  destination = 0;
  readonly #memory: Uint8Array;
  readonly #isRight: ChecksumTest;
  readonly #words: Int32Array;

  /**
   * @param memory The memory that holds the packets.
   * @param words The same memory as 32-bit words.
   * @param isRight The test of checksums in `words`.
   */
  constructor(memory: Uint8Array, words: Int32Array, isRight: ChecksumTest) {
    this.#memory = memory;
    this.#words = words;
    this.#isRight = isRight;
  }

  /** Reads the packet of `size` bytes at `offset`. Returns false if a router would drop it as malformed. */
  read(offset: number, size: number): boolean {
    if (size < IPV4_HEADER_LENGTH) return false;
    this.start = offset;
    const version = this.#memory[offset] >> 4;
    if (version === 4) return this.#read4(offset, size);
    return version === 6 && size >= IPV6_HEADER_LENGTH && this.#read6(offset, size);
  }

  /** The bytes of the upper layer. */
  get upperLength(): number {
    return this.start + this.length - this.upper;
  }

  /**
   * Whether an ICMP error about the packet may be sent: not about an error, nor about a fragment that is not the first
   * (RFC 1122 section 3.2.2, RFC 4443 section 2.4). The addresses have been looked at before.
   */
  get mayBeReported(): boolean {
    if (!this.isFirstFragment || this.protocol === UNKNOWN_PROTOCOL) return false;
    if (this.protocol !== (this.family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6)) return true;
    if (this.upperLength < ICMP_HEADER_LENGTH) return false;
    const type = this.#memory[this.upper + ICMP_TYPE];
    return !isIcmpError(this.family, type) && !(this.family === 6 && type === ICMPV6_REDIRECT);
  }

  /**
   * Whether the upper layer has the right checksum, over a pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1) except
   * for ICMP over IPv4. The packet is no fragment.
   */
  get hasRightChecksum(): boolean {
    const length = this.upperLength;
    let pseudoHeader = 0;
    if (this.protocol !== PROTOCOL_ICMP) {
      pseudoHeader = (this.protocol << 8) + swapBytes(length);
      const end = this.destination + (this.destination - this.source) >> 2;
      for (let at = this.source >> 2; at < end; at++) pseudoHeader += halves(this.#words[at]);
    }
    return length > 0 && this.#isRight(this.upper >> 2, length, pseudoHeader);
  }

  #read4(offset: number, size: number): boolean {
    const memory = this.#memory;
    const headerLength = (memory[offset] & 0x0f) << 2;
    this.length = readUint16(memory, offset + IPV4_TOTAL_LENGTH);
    if (headerLength < IPV4_HEADER_LENGTH || this.length < headerLength || this.length > size) return false;
    if (!this.#isRight(offset >> 2, headerLength, 0)) return false;
    const flags = readUint16(memory, offset + IPV4_FLAGS_OFFSET);
    this.family = 4;
    this.hopLimit = memory[offset + IPV4_TTL];
    this.dontFragment = (flags & IPV4_DONT_FRAGMENT) !== 0;
    this.isFirstFragment = (flags & IPV4_OFFSET_MASK) === 0;
    this.isFragment = !this.isFirstFragment || (flags & IPV4_MORE_FRAGMENTS) !== 0;
    this.protocol = memory[offset + IPV4_PROTOCOL];
    this.upper = offset + headerLength;
    this.source = offset + IPV4_SOURCE;
    this.destination = offset + IPV4_DESTINATION;
    return true;
  }

  #read6(offset: number, size: number): boolean {
    const memory = this.#memory;
    this.length = IPV6_HEADER_LENGTH + readUint16(memory, offset + IPV6_PAYLOAD_LENGTH);
    if (this.length > size) return false;
    this.family = 6;
    this.hopLimit = memory[offset + IPV6_HOP_LIMIT];
    this.dontFragment = true;
    this.isFragment = false;
    this.isFirstFragment = true;
    this.source = offset + IPV6_SOURCE;
    this.destination = offset + IPV6_DESTINATION;
    this.#walk(memory[offset + IPV6_NEXT_HEADER], offset + IPV6_HEADER_LENGTH, offset + this.length);
    return true;
  }

  /** Walks the extension headers to the upper layer. */
  #walk(first: number, start: number, end: number): void {
    const memory = this.#memory;
    let next = first;
    let at = start;
    this.protocol = UNKNOWN_PROTOCOL;
    for (let headers = 0; headers < MOST_EXTENSION_HEADERS; headers++) {
      const isFragment = next === PROTOCOL_FRAGMENT;
      const isAuthentication = next === PROTOCOL_AH;
      if (
        !isFragment && !isAuthentication && next !== PROTOCOL_HOP_BY_HOP && next !== PROTOCOL_ROUTING &&
        next !== PROTOCOL_DESTINATION_OPTIONS
      ) {
        this.protocol = next;
        this.upper = at;
        return;
      }
      const headerEnd = at + (isFragment ? EXTENSION_UNIT : isAuthentication
        // In units of 4 bytes, minus 2 (RFC 4302 section 2.2).
        ? 4 * (memory[at + 1] + 2)
        : EXTENSION_UNIT * (memory[at + 1] + 1));
      // A header that is cut short has an end behind the packet's, whatever lies there.
      if (at + EXTENSION_UNIT > end || headerEnd > end) return;
      if (isFragment) {
        const offsetAndFlag = readUint16(memory, at + 2);
        this.isFirstFragment = offsetAndFlag >> 3 === 0;
        this.isFragment = !this.isFirstFragment || (offsetAndFlag & 1) !== 0;
      }
      next = memory[at];
      at = headerEnd;
      // What follows in a later fragment is the middle of a datagram.
      if (!this.isFirstFragment) return;
    }
  }
}
