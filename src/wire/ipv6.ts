import type { IpAddress } from "./ip_address.ts";
import {
  PROTOCOL_AH,
  PROTOCOL_DESTINATION_OPTIONS,
  PROTOCOL_FRAGMENT,
  PROTOCOL_HOP_BY_HOP,
  PROTOCOL_ROUTING,
  protocolName,
} from "./ip_protocol.ts";
import {
  CutOffError,
  type Fragment,
  type IpPacket,
  PacketError,
  readUint16,
  readUint32,
  writeUint16,
} from "./packet.ts";

/** Offsets of the fields of the IPv6 header (RFC 8200 section 3). All fields are in network byte order. */
export const IPV6_VERSION = 0;
export const IPV6_PAYLOAD_LENGTH = 4;
export const IPV6_NEXT_HEADER = 6;
export const IPV6_HOP_LIMIT = 7;
export const IPV6_SOURCE = 8;
export const IPV6_DESTINATION = 24;
/** Length of the fixed header, in bytes. */
export const IPV6_HEADER_LENGTH = 40;

/** The only option without a length field (RFC 8200 section 4.2). */
export const IPV6_OPTION_PAD1 = 0;

const FRAGMENT_HEADER_LENGTH = 8;
const LARGEST_PAYLOAD = 65535;

/**
 * Reads and checks an IPv6 header. Walks the extension headers to the upper layer, or to the data of a fragment that is
 * not the first.
 *
 * @param size bytes of the whole packet, if a capture kept only its start.
 * @throws {PacketError} if the packet is malformed.
 * @throws {CutOffError} if the capture kept too little of the packet.
 */
export function parseIpv6(bytes: Uint8Array, size = bytes.length): IpPacket {
  if (size < IPV6_HEADER_LENGTH) throw new PacketError("too short for an IPv6 header");
  const version = bytes[IPV6_VERSION] >> 4;
  if (version !== 6) throw new PacketError(`IP version ${version}`);
  if (bytes.length < IPV6_HEADER_LENGTH) throw new CutOffError("IPv6 header");
  const payloadLength = readUint16(bytes, IPV6_PAYLOAD_LENGTH);
  const end = IPV6_HEADER_LENGTH + payloadLength;
  if (end > size) {
    const there = size - IPV6_HEADER_LENGTH;
    throw new PacketError(`payload length ${payloadLength} is above the ${there} bytes there are`);
  }
  const chain = walkExtensionHeaders(bytes, end);
  return {
    family: 6,
    source: addressAt(bytes, IPV6_SOURCE),
    destination: addressAt(bytes, IPV6_DESTINATION),
    hopLimit: bytes[IPV6_HOP_LIMIT],
    payloadEnd: end,
    length: end,
    ...chain,
  };
}

type Chain = Pick<IpPacket, "protocol" | "payloadOffset" | "extensionHeaders" | "fragment">;

function walkExtensionHeaders(bytes: Uint8Array, end: number): Chain {
  const extensionHeaders: number[] = [];
  let protocol = bytes[IPV6_NEXT_HEADER];
  let position = IPV6_HEADER_LENGTH;
  let fragment: Fragment | undefined;
  for (;;) {
    const length = extensionHeaderLength(bytes, protocol, position, end);
    if (length === undefined) break;
    if (protocol === PROTOCOL_HOP_BY_HOP && position !== IPV6_HEADER_LENGTH) {
      throw new PacketError("hop-by-hop options are not the first extension header");
    }
    extensionHeaders.push(protocol);
    const next = bytes[position];
    if (protocol === PROTOCOL_FRAGMENT) {
      fragment = readFragmentHeader(bytes, position, end);
      if (fragment !== undefined && fragment.offset !== 0) {
        return { protocol: next, payloadOffset: position + length, extensionHeaders, fragment };
      }
    }
    protocol = next;
    position += length;
  }
  return { protocol, payloadOffset: position, extensionHeaders, ...(fragment && { fragment }) };
}

/**
 * Returns the length in bytes of the extension header at `position`, or `undefined` if `protocol` is not a header that
 * can be walked.
 */
function extensionHeaderLength(
  bytes: Uint8Array,
  protocol: number,
  position: number,
  end: number,
): number | undefined {
  let length: number;
  // The length is NaN if the capture did not keep the byte that contains it.
  switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_DESTINATION_OPTIONS:
    case PROTOCOL_ROUTING:
      length = 8 * (bytes[position + 1] + 1);
      break;
    case PROTOCOL_AH:
      // In 4-byte units, minus 2 (RFC 4302 section 2.2).
      length = 4 * (bytes[position + 1] + 2);
      break;
    case PROTOCOL_FRAGMENT:
      length = FRAGMENT_HEADER_LENGTH;
      break;
    default:
      return undefined;
  }
  if (position + 8 > end || position + length > end) {
    throw new PacketError(`${protocolName(protocol)} is cut short`);
  }
  if (!(position + length <= bytes.length)) throw new CutOffError(protocolName(protocol));
  return length;
}

/** Reads a fragment header. Returns `undefined` if the fragment header is on a whole datagram (RFC 6946). */
function readFragmentHeader(bytes: Uint8Array, position: number, end: number): Fragment | undefined {
  const offsetAndFlag = readUint16(bytes, position + 2);
  const offset = offsetAndFlag & 0xfff8;
  const hasMore = (offsetAndFlag & 1) !== 0;
  if (offset === 0 && !hasMore) return undefined;
  const length = end - position - FRAGMENT_HEADER_LENGTH;
  if (length === 0) throw new PacketError("fragment without data");
  if (hasMore && length % 8 !== 0) throw new PacketError(`fragment length ${length} is no multiple of 8`);
  if (position - IPV6_HEADER_LENGTH + offset + length > LARGEST_PAYLOAD) {
    throw new PacketError("fragment ends above 65535");
  }
  return { identification: readUint32(bytes, position + 4), offset, hasMore };
}

/** The fields of an IPv6 header that the caller chooses. */
export interface Ipv6HeaderFields {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly nextHeader: number;
  readonly hopLimit: number;
  /** Bytes that follow the header. */
  readonly payloadLength: number;
}

/** Writes a 40-byte IPv6 header to the start of `target`. */
export function writeIpv6Header(target: Uint8Array, fields: Ipv6HeaderFields): void {
  target.fill(0, 0, IPV6_HEADER_LENGTH);
  target[IPV6_VERSION] = 0x60;
  writeUint16(target, IPV6_PAYLOAD_LENGTH, fields.payloadLength);
  target[IPV6_NEXT_HEADER] = fields.nextHeader;
  target[IPV6_HOP_LIMIT] = fields.hopLimit;
  target.set(fields.source.bytes, IPV6_SOURCE);
  target.set(fields.destination.bytes, IPV6_DESTINATION);
}

function addressAt(bytes: Uint8Array, offset: number): IpAddress {
  return { family: 6, bytes: bytes.slice(offset, offset + 16) };
}
