import type { IpAddress } from "./ip_address.ts";
import { IPV4_HEADER_LENGTH, parseIpv4, writeIpv4Header } from "./ipv4.ts";
import { IPV6_HEADER_LENGTH, parseIpv6, writeIpv6Header } from "./ipv6.ts";
import { type IpPacket, PacketError } from "./packet.ts";

/**
 * Reads the IP headers of a packet of either family.
 *
 * @param size bytes of the whole packet, if a capture kept only its start. `payloadEnd` can then lie beyond the end of
 * `bytes`.
 * @throws {PacketError} if the packet is malformed.
 * @throws {CutOffError} if the capture kept too little of the packet.
 */
export function parseIp(bytes: Uint8Array, size = bytes.length): IpPacket {
  if (bytes.length === 0) throw new PacketError("empty");
  return bytes[0] >> 4 === 6 ? parseIpv6(bytes, size) : parseIpv4(bytes, size);
}

/** The fields of an IP header, of either family, that the caller chooses. */
export interface IpFields {
  /** Both of the same family. */
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL or hop limit; 64 if not given. */
  readonly hopLimit?: number;
  /** Identification of an IPv4 packet; 0 if not given. */
  readonly identification?: number;
}

/**
 * Builds a packet of either family around an upper-layer message, without options or extension headers.
 *
 * @throws {RangeError} if the packet would be longer than 65535 bytes, or the families differ.
 */
export function buildIp(fields: IpFields, protocol: number, message: Uint8Array): Uint8Array {
  const { source, destination, hopLimit = 64, identification = 0 } = fields;
  if (source.family !== destination.family) throw new RangeError("Source and destination differ in family");
  const headerLength = source.family === 4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH;
  if (headerLength + message.length > 65535) throw new RangeError("A packet is at most 65535 bytes long");
  const packet = new Uint8Array(headerLength + message.length);
  const payloadLength = message.length;
  if (source.family === 4) {
    writeIpv4Header(packet, { source, destination, protocol, ttl: hopLimit, payloadLength, identification });
  } else {
    writeIpv6Header(packet, { source, destination, nextHeader: protocol, hopLimit, payloadLength });
  }
  packet.set(message, headerLength);
  return packet;
}
