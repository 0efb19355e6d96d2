import { internetChecksum } from "./checksum.ts";
import type { IpAddress } from "./ip_address.ts";
import { CutOffError, type IpPacket, PacketError, readUint16, writeUint16 } from "./packet.ts";

/** Offsets of the fields of the IPv4 header (RFC 791 section 3.1). All fields are in network byte order. */
export const IPV4_VERSION_IHL = 0;
export const IPV4_TOTAL_LENGTH = 2;
export const IPV4_IDENTIFICATION = 4;
export const IPV4_FLAGS_OFFSET = 6;
export const IPV4_TTL = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_CHECKSUM = 10;
export const IPV4_SOURCE = 12;
export const IPV4_DESTINATION = 16;
/** Length of the header without options, in bytes. */
export const IPV4_HEADER_LENGTH = 20;

/** Parts of the field at `IPV4_FLAGS_OFFSET`. The offset counts units of 8 bytes. */
export const IPV4_DONT_FRAGMENT = 0x4000;
export const IPV4_MORE_FRAGMENTS = 0x2000;
export const IPV4_OFFSET_MASK = 0x1fff;

/** Option types with their copied flag and class (RFC 791 section 3.1). */
export const IPV4_OPTION_END = 0;
export const IPV4_OPTION_NO_OPERATION = 1;
export const IPV4_OPTION_RECORD_ROUTE = 7;
export const IPV4_OPTION_TIMESTAMP = 68;
export const IPV4_OPTION_LOOSE_SOURCE_ROUTE = 131;
export const IPV4_OPTION_STRICT_SOURCE_ROUTE = 137;

const LARGEST_DATAGRAM = 65535;

/**
 * Reads and checks an IPv4 header: version, lengths, checksum, and the bounds of a fragment. Options are skipped.
 *
 * @param size bytes of the whole packet, if a capture kept only its start.
 * @throws {PacketError} if the packet is malformed.
 * @throws {CutOffError} if the capture kept too little of the packet.
 */
export function parseIpv4(bytes: Uint8Array, size = bytes.length): IpPacket {
  if (size < IPV4_HEADER_LENGTH) throw new PacketError("too short for an IPv4 header");
  const version = bytes[IPV4_VERSION_IHL] >> 4;
  if (version !== 4) throw new PacketError(`IP version ${version}`);
  if (bytes.length < IPV4_HEADER_LENGTH) throw new CutOffError("IPv4 header");
  const headerLength = 4 * (bytes[IPV4_VERSION_IHL] & 0x0f);
  if (headerLength < IPV4_HEADER_LENGTH) throw new PacketError(`header length ${headerLength} is below 20`);
  const totalLength = readUint16(bytes, IPV4_TOTAL_LENGTH);
  if (totalLength < headerLength) {
    throw new PacketError(`total length ${totalLength} is below the header length ${headerLength}`);
  }
  if (totalLength > size) {
    throw new PacketError(`total length ${totalLength} is above the ${size} bytes there are`);
  }
  if (headerLength > bytes.length) throw new CutOffError("IPv4 header");
  if (internetChecksum(bytes, 0, headerLength) !== 0) throw new PacketError("wrong header checksum");

  const flagsAndOffset = readUint16(bytes, IPV4_FLAGS_OFFSET);
  const offset = 8 * (flagsAndOffset & IPV4_OFFSET_MASK);
  const hasMore = (flagsAndOffset & IPV4_MORE_FRAGMENTS) !== 0;
  const payloadLength = totalLength - headerLength;
  const packet = {
    family: 4 as const,
    source: addressAt(bytes, IPV4_SOURCE),
    destination: addressAt(bytes, IPV4_DESTINATION),
    hopLimit: bytes[IPV4_TTL],
    protocol: bytes[IPV4_PROTOCOL],
    payloadOffset: headerLength,
    payloadEnd: totalLength,
    length: totalLength,
    extensionHeaders: [],
  };
  if (offset === 0 && !hasMore) return packet;
  if (payloadLength === 0) throw new PacketError("fragment without data");
  if (hasMore && payloadLength % 8 !== 0) {
    throw new PacketError(`fragment length ${payloadLength} is no multiple of 8`);
  }
  if (headerLength + offset + payloadLength > LARGEST_DATAGRAM) {
    throw new PacketError("fragment ends above 65535");
  }
  return { ...packet, fragment: { identification: readUint16(bytes, IPV4_IDENTIFICATION), offset, hasMore } };
}

/** The fields of an IPv4 header that the caller chooses. */
export interface Ipv4HeaderFields {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  readonly ttl: number;
  /** Bytes that follow the header. */
  readonly payloadLength: number;
  readonly identification: number;
}

/**
 * Writes a 20-byte IPv4 header with its checksum to the start of `target`. The header has no options and describes a
 * packet that is not a fragment.
 */
export function writeIpv4Header(target: Uint8Array, fields: Ipv4HeaderFields): void {
  target.fill(0, 0, IPV4_HEADER_LENGTH);
  target[IPV4_VERSION_IHL] = 0x45;
  writeUint16(target, IPV4_TOTAL_LENGTH, IPV4_HEADER_LENGTH + fields.payloadLength);
  writeUint16(target, IPV4_IDENTIFICATION, fields.identification);
  target[IPV4_TTL] = fields.ttl;
  target[IPV4_PROTOCOL] = fields.protocol;
  target.set(fields.source.bytes, IPV4_SOURCE);
  target.set(fields.destination.bytes, IPV4_DESTINATION);
  writeUint16(target, IPV4_CHECKSUM, internetChecksum(target, 0, IPV4_HEADER_LENGTH));
}

function addressAt(bytes: Uint8Array, offset: number): IpAddress {
  return { family: 4, bytes: bytes.slice(offset, offset + 4) };
}
