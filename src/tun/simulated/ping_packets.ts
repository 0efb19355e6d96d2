import {
  buildIcmpEchoReply,
  buildIcmpEchoRequest,
  type EchoFields,
  ICMP_CODE,
  ICMP_ECHO_REQUEST,
  ICMP_HEADER_LENGTH,
  ICMP_IDENTIFIER,
  ICMP_SEQUENCE,
  ICMP_TYPE,
  ICMPV6_ECHO_REQUEST,
} from "../../wire/icmp.ts";
import { icmpName, isIcmpError } from "../../wire/icmp_names.ts";
import type { IpAddress } from "../../wire/ip_address.ts";
import { IPV4_DESTINATION, IPV4_HEADER_LENGTH, IPV4_SOURCE, IPV4_TTL } from "../../wire/ipv4.ts";
import { IPV6_DESTINATION, IPV6_HEADER_LENGTH, IPV6_HOP_LIMIT, IPV6_SOURCE } from "../../wire/ipv6.ts";
import { readUint16 } from "../../wire/packet.ts";

const IDENTIFIER = 0x7774;
/** The hop limit that Windows uses. */
const WINDOWS_HOP_LIMIT = 128;
/** The payload of ping.exe. */
const PAYLOAD = new TextEncoder().encode("abcdefghijklmnopqrstuvwabcdefghi");

/** A ping: from, to, its sequence number, and its data. */
export interface PingFields {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sequence: number;
  /** Default: that of ping.exe. */
  readonly payload?: Uint8Array;
}

/** Builds a ping as Windows sends it. */
export function buildPing(ping: PingFields): Uint8Array {
  return buildIcmpEchoRequest(echoFields(ping, WINDOWS_HOP_LIMIT));
}

/** Builds the reply to a ping without the request: it checks the responder, which changes the request into the reply. */
export function buildPingReply(
  { source, destination, ...rest }: PingFields,
  hopLimit: number,
): Uint8Array {
  return buildIcmpEchoReply(echoFields({ source: destination, destination: source, ...rest }, hopLimit));
}

/** Returns the reply of Windows to an echo request, which is a whole packet without IP options. */
export function answerEcho(request: Uint8Array): Uint8Array {
  const fields = fieldsOf(request);
  const icmp = request.subarray(fields.icmp);
  return buildIcmpEchoReply({
    source: { family: fields.family, bytes: fields.destination },
    destination: { family: fields.family, bytes: fields.source },
    hopLimit: WINDOWS_HOP_LIMIT,
    identifier: readUint16(icmp, ICMP_IDENTIFIER),
    sequence: readUint16(icmp, ICMP_SEQUENCE),
    payload: icmp.subarray(ICMP_HEADER_LENGTH),
  });
}

function echoFields({ payload = PAYLOAD, ...ping }: PingFields, hopLimit: number): EchoFields {
  return { ...ping, payload, hopLimit, identification: ping.sequence, identifier: IDENTIFIER };
}

/** Returns the fields of a packet without IP options. */
function fieldsOf(packet: Uint8Array): {
  readonly family: 4 | 6;
  readonly icmp: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
} {
  const isV6 = packet[0] >> 4 === 6;
  return {
    family: isV6 ? 6 : 4,
    icmp: isV6 ? IPV6_HEADER_LENGTH : IPV4_HEADER_LENGTH,
    source: isV6
      ? packet.subarray(IPV6_SOURCE, IPV6_DESTINATION)
      : packet.subarray(IPV4_SOURCE, IPV4_DESTINATION),
    destination: isV6
      ? packet.subarray(IPV6_DESTINATION, IPV6_HEADER_LENGTH)
      : packet.subarray(IPV4_DESTINATION, IPV4_HEADER_LENGTH),
  };
}

/** Returns the TTL or hop limit of a packet. */
export function hopLimitOf(packet: Uint8Array): number {
  return packet[packet[0] >> 4 === 6 ? IPV6_HOP_LIMIT : IPV4_TTL];
}

/** Returns a key that is the same for a ping's request and its reply: IP version and sequence number. */
export function pingKey(packet: Uint8Array): string {
  return `${packet[0] >> 4}/${readUint16(packet, fieldsOf(packet).icmp + ICMP_SEQUENCE)}`;
}

/** Returns whether a packet is an echo request. */
export function isEchoRequest(packet: Uint8Array): boolean {
  const { family, icmp } = fieldsOf(packet);
  return packet[icmp + ICMP_TYPE] === (family === 4 ? ICMP_ECHO_REQUEST : ICMPV6_ECHO_REQUEST);
}

/** Returns what an ICMP error says, and the key of the ping that it is about; `undefined` for another packet. */
export function readPingError(
  packet: Uint8Array,
): { readonly key: string; readonly reason: string } | undefined {
  const { family, icmp } = fieldsOf(packet);
  const [type, code] = [packet[icmp + ICMP_TYPE], packet[icmp + ICMP_CODE]];
  if (!isIcmpError(family, type)) return undefined;
  return { key: pingKey(packet.subarray(icmp + ICMP_HEADER_LENGTH)), reason: icmpName(family, type, code) };
}

/** The start of each header field by family, in bytes. A field ends where the next one starts. RFC 791, RFC 8200. */
const FIELDS: Readonly<Record<4 | 6, readonly (readonly [start: number, name: string])[]>> = {
  4: [[0, "header"], [8, "TTL"], [9, "protocol"], [10, "header checksum"], [12, "source"], [
    16,
    "destination",
  ]],
  6: [[0, "header"], [7, "hop limit"], [8, "source"], [24, "destination"]],
};
/** The same for the fields of an ICMP echo message. RFC 792, RFC 4443. */
const ICMP_FIELDS = [[0, "type"], [1, "code"], [2, "checksum"], [4, "identifier"], [6, "sequence"], [
  8,
  "payload",
]] as const;

/** Returns how a packet differs from the expected one, as the end of a sentence, or `undefined` if it does not. */
export function findDifference(actual: Uint8Array, expected: Uint8Array): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} bytes, not ${expected.length}`;
  const at = expected.findIndex((byte, index) => byte !== actual[index]);
  return at < 0 ? undefined : `${actual[at]}, not ${expected[at]}, in byte ${at} (${fieldAt(expected, at)})`;
}

function fieldAt(packet: Uint8Array, at: number): string {
  const { family, icmp } = fieldsOf(packet);
  if (at >= icmp) return `ICMP ${ICMP_FIELDS.findLast(([start]) => icmp + start <= at)![1]}`;
  return `IPv${family} ${FIELDS[family].findLast(([start]) => start <= at)![1]}`;
}
