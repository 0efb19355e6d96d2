import { internetChecksum } from "../../src/wire/checksum.ts";
import { writeUint16 } from "../../src/wire/packet.ts";

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;
const PROTOCOL_FRAGMENT = 44;

/**
 * Cuts a datagram, without options or extension headers, into fragments in order.
 *
 * @param dataBytes how much each has of the datagram's data but the last, a multiple of 8.
 * @param identification 0 to 65535.
 */
export function fragmentsOf(datagram: Uint8Array, dataBytes: number, identification: number): Uint8Array[] {
  const isV4 = datagram[0] >> 4 === 4;
  const data = datagram.subarray(isV4 ? IPV4_HEADER : IPV6_HEADER);
  const count = Math.ceil(data.length / dataBytes);
  return Array.from({ length: count }, (_, index) => {
    const offset = index * dataBytes;
    const part = data.subarray(offset, offset + dataBytes);
    const hasMore = index < count - 1;
    return isV4
      ? fragment4(datagram, part, offset, hasMore, identification)
      : fragment6(datagram, part, offset, hasMore, identification);
  });
}

function fragment4(
  datagram: Uint8Array,
  part: Uint8Array,
  offset: number,
  hasMore: boolean,
  identification: number,
): Uint8Array {
  const packet = Uint8Array.of(...datagram.subarray(0, IPV4_HEADER), ...part);
  writeUint16(packet, 2, packet.length);
  writeUint16(packet, 4, identification);
  writeUint16(packet, 6, offset / 8 | (hasMore ? 0x2000 : 0));
  writeUint16(packet, 10, 0);
  writeUint16(packet, 10, internetChecksum(packet, 0, IPV4_HEADER));
  return packet;
}

function fragment6(
  datagram: Uint8Array,
  part: Uint8Array,
  offset: number,
  hasMore: boolean,
  identification: number,
): Uint8Array {
  const packet = new Uint8Array(IPV6_HEADER + FRAGMENT_HEADER + part.length);
  packet.set(datagram.subarray(0, IPV6_HEADER));
  writeUint16(packet, 4, FRAGMENT_HEADER + part.length);
  packet[6] = PROTOCOL_FRAGMENT;
  packet[IPV6_HEADER] = datagram[6];
  writeUint16(packet, IPV6_HEADER + 2, offset | Number(hasMore));
  writeUint16(packet, IPV6_HEADER + 6, identification);
  packet.set(part, IPV6_HEADER + FRAGMENT_HEADER);
  return packet;
}
