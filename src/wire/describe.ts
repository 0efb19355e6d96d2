import { internetChecksum, sumPseudoHeader } from "./checksum.ts";
import { ICMP_CODE, ICMP_HEADER_LENGTH, ICMP_IDENTIFIER, ICMP_SEQUENCE, ICMP_TYPE } from "./icmp.ts";
import { icmpName, isIcmpError } from "./icmp_names.ts";
import { parseIp } from "./ip.ts";
import { formatIpAddress, formatIpv4, formatIpv6 } from "./ip_address.ts";
import {
  PROTOCOL_FRAGMENT,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  protocolName,
} from "./ip_protocol.ts";
import { IPV4_DESTINATION, IPV4_HEADER_LENGTH, IPV4_PROTOCOL, IPV4_SOURCE } from "./ipv4.ts";
import { IPV6_DESTINATION, IPV6_HEADER_LENGTH, IPV6_NEXT_HEADER, IPV6_SOURCE } from "./ipv6.ts";
import { CutOffError, type IpPacket, PacketError, readUint16, readUint32 } from "./packet.ts";
import {
  TCP_ACKNOWLEDGMENT,
  TCP_DATA_OFFSET,
  TCP_DESTINATION_PORT,
  TCP_FLAGS,
  TCP_HEADER_LENGTH,
  TCP_SEQUENCE,
  TCP_SOURCE_PORT,
  TCP_WINDOW,
  tcpFlagNames,
} from "./tcp.ts";
import { UDP_CHECKSUM, UDP_DESTINATION_PORT, UDP_HEADER_LENGTH, UDP_LENGTH, UDP_SOURCE_PORT } from "./udp.ts";

/** The text for the upper layer, and the ports to append to the addresses. */
interface UpperLayer {
  readonly text: string;
  readonly ports?: readonly [number, number];
}

/**
 * Describes one IP packet in one line, for people: `10.6.7.8 > 10.6.7.7 ICMP echo request id 7 seq 1 ttl 64 length 84`.
 *
 * The length is the one in the IP header. If a part cannot be read, the line names it and the reason. This function
 * never throws.
 *
 * @param size bytes of the whole packet, if `bytes` is only its start, as a capture keeps it.
 */
export function describe(bytes: Uint8Array, size = bytes.length): string {
  let packet: IpPacket;
  try {
    packet = parseIp(bytes, size);
  } catch (error) {
    if (error instanceof CutOffError) return `${error.message}, length ${size}`;
    if (!(error instanceof PacketError)) throw error;
    return `malformed: ${error.message}, length ${size}`;
  }
  const upper = describeUpperLayer(bytes, packet);
  const [source, destination] = endpoints(packet, upper.ports);
  const hops = `${packet.family === 4 ? "ttl" : "hop limit"} ${packet.hopLimit}`;
  const parts = [
    `${source} > ${destination}`,
    upper.text,
    describeFragment(packet),
    describeExtensions(packet),
  ];
  return [...parts, hops, `length ${packet.length}`].filter((part) => part !== "").join(" ");
}

function endpoints(packet: IpPacket, ports: readonly [number, number] | undefined): [string, string] {
  const source = formatIpAddress(packet.source);
  const destination = formatIpAddress(packet.destination);
  if (ports === undefined) return [source, destination];
  if (packet.family === 4) return [`${source}:${ports[0]}`, `${destination}:${ports[1]}`];
  return [`[${source}]:${ports[0]}`, `[${destination}]:${ports[1]}`];
}

function describeFragment(packet: IpPacket): string {
  if (!packet.fragment) return "";
  const { identification, offset, hasMore } = packet.fragment;
  return `fragment id ${identification} offset ${offset} ${hasMore ? "more" : "last"}`;
}

function describeExtensions(packet: IpPacket): string {
  // describeFragment() already describes the fragment header.
  const headers = packet.extensionHeaders.filter((header) =>
    header !== PROTOCOL_FRAGMENT || !packet.fragment
  );
  return headers.length === 0 ? "" : `behind ${headers.map(protocolName).join(", ")}`;
}

function describeUpperLayer(bytes: Uint8Array, packet: IpPacket): UpperLayer {
  const name = protocolName(packet.protocol);
  // Only the first fragment has an upper-layer header.
  if (packet.fragment && packet.fragment.offset !== 0) return { text: name };
  switch (packet.protocol) {
    case PROTOCOL_ICMP:
      return packet.family === 4 ? describeIcmp(bytes, packet, name) : { text: name };
    case PROTOCOL_ICMPV6:
      return packet.family === 6 ? describeIcmp(bytes, packet, name) : { text: name };
    case PROTOCOL_UDP:
      return describeUdp(bytes, packet);
    case PROTOCOL_TCP:
      return describeTcp(bytes, packet);
    default:
      return { text: name };
  }
}

function describeIcmp(bytes: Uint8Array, packet: IpPacket, name: string): UpperLayer {
  const { payloadOffset: at } = packet;
  const end = Math.min(packet.payloadEnd, bytes.length);
  if (end - at < ICMP_HEADER_LENGTH) return cutShort(name, packet, ICMP_HEADER_LENGTH);
  const type = bytes[at + ICMP_TYPE];
  const code = bytes[at + ICMP_CODE];
  let text = `${name} ${icmpName(packet.family, type, code)}`;
  const isEcho = packet.family === 4 ? type === 0 || type === 8 : type === 128 || type === 129;
  if (isEcho) {
    text += ` id ${readUint16(bytes, at + ICMP_IDENTIFIER)} seq ${readUint16(bytes, at + ICMP_SEQUENCE)}`;
  } else if (packet.family === 6 && (type === 135 || type === 136) && end - at >= 24) {
    text += ` target ${formatIpv6(bytes, at + 8)}`;
  } else if (isIcmpError(packet.family, type)) {
    text += describeQuoted(bytes, at + ICMP_HEADER_LENGTH, end);
  }
  return { text: text + checksumNote(bytes, packet, packet.payloadEnd - at) };
}

/**
 * Describes the packet that an ICMP error quotes. Only the start of that packet is present, so its lengths are not
 * checked.
 */
function describeQuoted(bytes: Uint8Array, at: number, end: number): string {
  const version = at < end ? bytes[at] >> 4 : 0;
  if (version === 4 && end - at >= IPV4_HEADER_LENGTH) {
    const source = formatIpv4(bytes, at + IPV4_SOURCE);
    const destination = formatIpv4(bytes, at + IPV4_DESTINATION);
    return ` for ${source} > ${destination} ${protocolName(bytes[at + IPV4_PROTOCOL])}` +
      quotedPorts(bytes, bytes[at + IPV4_PROTOCOL], at + 4 * (bytes[at] & 0x0f), end);
  }
  if (version === 6 && end - at >= IPV6_HEADER_LENGTH) {
    const source = formatIpv6(bytes, at + IPV6_SOURCE);
    const destination = formatIpv6(bytes, at + IPV6_DESTINATION);
    return ` for ${source} > ${destination} ${protocolName(bytes[at + IPV6_NEXT_HEADER])}` +
      quotedPorts(bytes, bytes[at + IPV6_NEXT_HEADER], at + IPV6_HEADER_LENGTH, end);
  }
  return "";
}

/** Describes the ports of a quoted packet. UDP and TCP headers both start with them. */
function quotedPorts(bytes: Uint8Array, protocol: number, at: number, end: number): string {
  if (protocol !== PROTOCOL_UDP && protocol !== PROTOCOL_TCP || at + 4 > end) return "";
  return ` port ${readUint16(bytes, at)} > ${readUint16(bytes, at + 2)}`;
}

function describeUdp(bytes: Uint8Array, packet: IpPacket): UpperLayer {
  const { payloadOffset: at, payloadEnd: end } = packet;
  if (Math.min(end, bytes.length) - at < UDP_HEADER_LENGTH) return cutShort("UDP", packet, UDP_HEADER_LENGTH);
  const ports = [
    readUint16(bytes, at + UDP_SOURCE_PORT),
    readUint16(bytes, at + UDP_DESTINATION_PORT),
  ] as const;
  const length = readUint16(bytes, at + UDP_LENGTH);
  if (length < UDP_HEADER_LENGTH || length > end - at && !packet.fragment) {
    return {
      text: `UDP malformed: UDP length ${length} does not fit the ${end - at} bytes there are`,
      ports,
    };
  }
  const hasChecksum = readUint16(bytes, at + UDP_CHECKSUM) !== 0;
  let note = hasChecksum ? checksumNote(bytes, packet, length) : "";
  if (!hasChecksum && packet.family === 6) note = " (no checksum)";
  return { text: `UDP data ${length - UDP_HEADER_LENGTH}${note}`, ports };
}

function describeTcp(bytes: Uint8Array, packet: IpPacket): UpperLayer {
  const { payloadOffset: at, payloadEnd: end } = packet;
  if (Math.min(end, bytes.length) - at < TCP_HEADER_LENGTH) return cutShort("TCP", packet, TCP_HEADER_LENGTH);
  const ports = [
    readUint16(bytes, at + TCP_SOURCE_PORT),
    readUint16(bytes, at + TCP_DESTINATION_PORT),
  ] as const;
  const headerLength = 4 * (bytes[at + TCP_DATA_OFFSET] >> 4);
  if (headerLength < TCP_HEADER_LENGTH || headerLength > end - at) {
    return {
      text: `TCP malformed: header length ${headerLength} does not fit the ${end - at} bytes there are`,
      ports,
    };
  }
  const flags = bytes[at + TCP_FLAGS];
  const words = [`TCP ${tcpFlagNames(flags)}`, `seq ${readUint32(bytes, at + TCP_SEQUENCE)}`];
  if ((flags & 0x10) !== 0) words.push(`ack ${readUint32(bytes, at + TCP_ACKNOWLEDGMENT)}`);
  words.push(`win ${readUint16(bytes, at + TCP_WINDOW)}`, `data ${end - at - headerLength}`);
  return { text: words.join(" ") + checksumNote(bytes, packet, end - at), ports };
}

/** Describes an incomplete header: either the packet is too short for it, or the capture kept too little. */
function cutShort(name: string, packet: IpPacket, headerLength: number): UpperLayer {
  const length = packet.payloadEnd - packet.payloadOffset;
  return { text: length < headerLength ? `${name} malformed: header of ${length} bytes is cut short` : name };
}

/**
 * Reports a wrong checksum of a whole message of `length` bytes. The checksum of an incomplete message cannot be
 * verified.
 */
function checksumNote(bytes: Uint8Array, packet: IpPacket, length: number): string {
  if (packet.fragment || packet.payloadOffset + length > bytes.length) return "";
  const pseudoHeader = packet.protocol === PROTOCOL_ICMP
    ? 0
    : sumPseudoHeader(packet.source.bytes, packet.destination.bytes, packet.protocol, length);
  return internetChecksum(bytes, packet.payloadOffset, length, pseudoHeader) === 0 ? "" : " (wrong checksum)";
}
