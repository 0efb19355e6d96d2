import { internetChecksum, sumPseudoHeader } from "./checksum.ts";
import { buildIp, type IpFields } from "./ip.ts";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "./ip_protocol.ts";
import { writeUint16 } from "./packet.ts";

/** Offsets of the fields of an ICMP message. They are the same in RFC 792 and RFC 4443. */
export const ICMP_TYPE = 0;
export const ICMP_CODE = 1;
export const ICMP_CHECKSUM = 2;
/** Only echo messages have these two fields. */
export const ICMP_IDENTIFIER = 4;
export const ICMP_SEQUENCE = 6;
export const ICMP_HEADER_LENGTH = 8;

/** Types of RFC 792. */
export const ICMP_ECHO_REPLY = 0;
export const ICMP_ECHO_REQUEST = 8;
/** Types of RFC 4443. */
export const ICMPV6_ECHO_REQUEST = 128;
export const ICMPV6_ECHO_REPLY = 129;

/** The fields of an echo message that the caller chooses. */
export interface EchoFields extends IpFields {
  /** 0 to 65535. */
  readonly identifier: number;
  /** 0 to 65535. */
  readonly sequence: number;
  readonly payload?: Uint8Array;
}

/**
 * Builds an ICMP or ICMPv6 echo request. The family of the addresses selects the protocol.
 *
 * @throws {RangeError} if the packet would be longer than 65535 bytes, or the families differ.
 */
export function buildIcmpEchoRequest(fields: EchoFields): Uint8Array {
  return buildEcho(fields, ICMP_ECHO_REQUEST, ICMPV6_ECHO_REQUEST);
}

/** Builds the reply to an echo request. @throws {RangeError} as `buildIcmpEchoRequest` does. */
export function buildIcmpEchoReply(fields: EchoFields): Uint8Array {
  return buildEcho(fields, ICMP_ECHO_REPLY, ICMPV6_ECHO_REPLY);
}

function buildEcho(fields: EchoFields, type: number, typeV6: number): Uint8Array {
  const { source, destination, identifier, sequence, payload = new Uint8Array(0) } = fields;
  const isV6 = source.family === 6;
  const message = new Uint8Array(ICMP_HEADER_LENGTH + payload.length);
  message[ICMP_TYPE] = isV6 ? typeV6 : type;
  writeUint16(message, ICMP_IDENTIFIER, identifier);
  writeUint16(message, ICMP_SEQUENCE, sequence);
  message.set(payload, ICMP_HEADER_LENGTH);
  const pseudoHeader = isV6
    ? sumPseudoHeader(source.bytes, destination.bytes, PROTOCOL_ICMPV6, message.length)
    : 0;
  writeUint16(message, ICMP_CHECKSUM, internetChecksum(message, 0, message.length, pseudoHeader));
  return buildIp(fields, isV6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP, message);
}
