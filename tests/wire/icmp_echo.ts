/** Reads echo messages whole, checksum and all, for tests: echo itself works on packets in place. */

import { internetChecksum, sumPseudoHeader } from "../../src/wire/checksum.ts";
import {
  ICMP_ECHO_REPLY,
  ICMP_ECHO_REQUEST,
  ICMP_HEADER_LENGTH,
  ICMP_IDENTIFIER,
  ICMP_SEQUENCE,
  ICMP_TYPE,
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
} from "../../src/wire/icmp.ts";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "../../src/wire/ip_protocol.ts";
import { type IpPacket, PacketError, readUint16 } from "../../src/wire/packet.ts";

export interface IcmpEcho {
  /** False for a reply. */
  readonly isRequest: boolean;
  readonly identifier: number;
  readonly sequence: number;
  /** The data, a view of the packet's bytes. */
  readonly payload: Uint8Array;
}

/**
 * The echo message that a whole packet of either family carries; undefined if it carries something else.
 *
 * @throws {PacketError} if it is an ICMP message that is cut short or has a wrong checksum.
 */
export function parseIcmpEcho(bytes: Uint8Array, packet: IpPacket): IcmpEcho | undefined {
  const isV6 = packet.family === 6;
  if (packet.protocol !== (isV6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP) || packet.fragment) return undefined;
  const { payloadOffset: at, payloadEnd: end } = packet;
  const length = end - at;
  if (length < ICMP_HEADER_LENGTH) throw new PacketError(`ICMP message of ${length} bytes is cut short`);
  const pseudoHeader = isV6
    ? sumPseudoHeader(packet.source.bytes, packet.destination.bytes, PROTOCOL_ICMPV6, length)
    : 0;
  if (internetChecksum(bytes, at, length, pseudoHeader) !== 0) throw new PacketError("wrong ICMP checksum");
  const type = bytes[at + ICMP_TYPE];
  const isRequest = type === (isV6 ? ICMPV6_ECHO_REQUEST : ICMP_ECHO_REQUEST);
  const isReply = type === (isV6 ? ICMPV6_ECHO_REPLY : ICMP_ECHO_REPLY);
  if (!isRequest && !isReply) return undefined;
  return {
    isRequest,
    identifier: readUint16(bytes, at + ICMP_IDENTIFIER),
    sequence: readUint16(bytes, at + ICMP_SEQUENCE),
    payload: bytes.subarray(at + ICMP_HEADER_LENGTH, end),
  };
}
