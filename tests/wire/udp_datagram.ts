/** Whole UDP datagrams, for tests to send and to look into: echo itself works on packets in place. */

import { internetChecksum, sumPseudoHeader } from "../../src/wire/checksum.ts";
import { buildIp, type IpFields } from "../../src/wire/ip.ts";
import { PROTOCOL_UDP } from "../../src/wire/ip_protocol.ts";
import { type IpPacket, PacketError, readUint16, writeUint16 } from "../../src/wire/packet.ts";
import {
  UDP_CHECKSUM,
  UDP_DESTINATION_PORT,
  UDP_HEADER_LENGTH,
  UDP_LENGTH,
  UDP_SOURCE_PORT,
} from "../../src/wire/udp.ts";

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The data, a view of the packet's bytes. */
  readonly payload: Uint8Array;
}

/**
 * The UDP datagram that a whole packet carries; undefined if it carries something else.
 *
 * @throws {PacketError} if its length or checksum is wrong. A checksum of 0 means none, which only IPv4 allows.
 */
export function parseUdp(bytes: Uint8Array, packet: IpPacket): UdpDatagram | undefined {
  if (packet.protocol !== PROTOCOL_UDP || packet.fragment) return undefined;
  const { payloadOffset: at, payloadEnd: end } = packet;
  if (end - at < UDP_HEADER_LENGTH) throw new PacketError(`UDP header of ${end - at} bytes is cut short`);
  const length = readUint16(bytes, at + UDP_LENGTH);
  if (length < UDP_HEADER_LENGTH || length > end - at) {
    throw new PacketError(`UDP length ${length} does not fit the ${end - at} bytes there are`);
  }
  const checksum = readUint16(bytes, at + UDP_CHECKSUM);
  if (checksum === 0 && packet.family === 6) throw new PacketError("UDP over IPv6 without a checksum");
  const pseudoHeader = sumPseudoHeader(packet.source.bytes, packet.destination.bytes, PROTOCOL_UDP, length);
  if (checksum !== 0 && internetChecksum(bytes, at, length, pseudoHeader) !== 0) {
    throw new PacketError("wrong UDP checksum");
  }
  return {
    sourcePort: readUint16(bytes, at + UDP_SOURCE_PORT),
    destinationPort: readUint16(bytes, at + UDP_DESTINATION_PORT),
    payload: bytes.subarray(at + UDP_HEADER_LENGTH, at + length),
  };
}

export interface UdpFields extends IpFields {
  /** 0 to 65535. */
  readonly sourcePort: number;
  /** 0 to 65535. */
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** A new UDP datagram with its checksum, in a packet of the addresses' family. */
export function buildUdp(fields: UdpFields): Uint8Array {
  const { source, destination, sourcePort, destinationPort, payload } = fields;
  const datagram = new Uint8Array(UDP_HEADER_LENGTH + payload.length);
  writeUint16(datagram, UDP_SOURCE_PORT, sourcePort);
  writeUint16(datagram, UDP_DESTINATION_PORT, destinationPort);
  writeUint16(datagram, UDP_LENGTH, datagram.length);
  datagram.set(payload, UDP_HEADER_LENGTH);
  const pseudoHeader = sumPseudoHeader(source.bytes, destination.bytes, PROTOCOL_UDP, datagram.length);
  // A computed 0 is sent as 0xffff, its other form: 0 means that there is no checksum.
  const checksum = internetChecksum(datagram, 0, datagram.length, pseudoHeader) || 0xffff;
  writeUint16(datagram, UDP_CHECKSUM, checksum);
  return buildIp(fields, PROTOCOL_UDP, datagram);
}
