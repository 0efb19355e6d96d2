/**
 * Writes the pcapng capture format (IETF draft "PCAP Now Generic (pcapng) Capture File Format"), little-endian.
 *
 * A capture is a section header, an interface description, and then packets and statistics in any order. Each function
 * writes one block to `target` from `at` on and gives its length, a multiple of 4. Nothing is kept, nothing opened; a
 * target that is too small throws a RangeError. Writing a packet allocates nothing.
 */

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const INTERFACE_STATISTICS_BLOCK = 5;
const ENHANCED_PACKET_BLOCK = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAJOR_VERSION = 1;
const MINOR_VERSION = 0;

/** Packets start with the IPv4 or IPv6 header (LINKTYPE_RAW of the "Link-Layer Header Types" registry). */
export const LINKTYPE_RAW = 101;

const OPTION_END = 0;
const OPTION_COMMENT = 1;
const SHB_OS = 3;
const SHB_USER_APPLICATION = 4;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TIMESTAMP_RESOLUTION = 9;
const EPB_FLAGS = 2;
const EPB_DROP_COUNT = 4;
const ISB_START_TIME = 2;
const ISB_END_TIME = 3;
const ISB_RECEIVED = 4;
const ISB_DROPPED = 5;
const ISB_OS_DROPPED = 7;

/** if_tsresol: timestamps count 10^-9 seconds. */
const NANOSECONDS = 9;

const OPTION_HEADER_LENGTH = 4;
const TRAILER_LENGTH = 4;
const SECTION_HEADER_LENGTH = 24;
const INTERFACE_DESCRIPTION_LENGTH = 16;
const ENHANCED_PACKET_LENGTH = 28;
const INTERFACE_STATISTICS_LENGTH = 20;

const utf8 = new TextEncoder();

/** Bytes of an enhanced packet block without comment that are not packet data or its padding. */
export const ENHANCED_PACKET_OVERHEAD = ENHANCED_PACKET_LENGTH + OPTION_HEADER_LENGTH + 4 +
  OPTION_HEADER_LENGTH +
  TRAILER_LENGTH;

/** epb_flags, bits 0 and 1. */
export const INBOUND = 1;
export const OUTBOUND = 2;

/** What one enhanced packet block says about its packet. The writer only reads it: one object serves all packets. */
export interface PacketRecord {
  /** Bits 63 to 32 of the nanoseconds since 1970-01-01 00:00 UTC, unsigned. */
  timestampHigh: number;
  /** Bits 31 to 0 of the same, unsigned. */
  timestampLow: number;
  direction: typeof INBOUND | typeof OUTBOUND;
  /** Size of the packet itself, in bytes; what is written of it may be less. */
  originalLength: number;
  /** Packets lost between this and the one before, 0 to 2^53. Written if above 0. */
  dropCount: number;
  /** UTF-8 of a comment, at most 65535 bytes. */
  comment?: Uint8Array | undefined;
}

/**
 * A whole section header block, which starts a capture.
 *
 * @param os such as `Windows 11`; left out if empty.
 * @param application such as `wintun 0.1.0`; left out if empty.
 */
export function sectionHeaderBlock(os: string, application: string): Uint8Array {
  const options: Option[] = [[SHB_OS, utf8.encode(os)], [SHB_USER_APPLICATION, utf8.encode(application)]];
  const used = options.filter(([, value]) => value.length > 0);
  return block(SECTION_HEADER_BLOCK, SECTION_HEADER_LENGTH, used, (view) => {
    view.setUint32(8, BYTE_ORDER_MAGIC, true);
    view.setUint16(12, MAJOR_VERSION, true);
    view.setUint16(14, MINOR_VERSION, true);
    // The section's length is not known beforehand: -1.
    view.setBigInt64(16, -1n, true);
  });
}

/**
 * A whole interface description block: raw IP packets, nanosecond timestamps. It must follow the section header;
 * packets and statistics refer to the first one as interface 0.
 *
 * @param description left out if empty.
 * @param snapLength most bytes kept of a packet; 0 if there is no limit.
 */
export function interfaceDescriptionBlock(name: string, description: string, snapLength: number): Uint8Array {
  const options: Option[] = [
    [IF_NAME, utf8.encode(name)],
    [IF_DESCRIPTION, utf8.encode(description)],
    [IF_TIMESTAMP_RESOLUTION, Uint8Array.of(NANOSECONDS)],
  ];
  const used = options.filter(([, value]) => value.length > 0);
  return block(INTERFACE_DESCRIPTION_BLOCK, INTERFACE_DESCRIPTION_LENGTH, used, (view) => {
    view.setUint16(8, LINKTYPE_RAW, true);
    view.setUint32(12, snapLength, true);
  });
}

/** Counters of an interface. Times are nanoseconds since 1970-01-01 00:00 UTC. */
export interface InterfaceStatistics {
  readonly startTimeNs: bigint;
  readonly endTimeNs: bigint;
  /** Packets seen by the interface. */
  readonly received: number;
  /** Packets that the interface dropped because it lacked room. */
  readonly dropped: number;
  /** Packets that were seen but did not get into the capture. */
  readonly notCaptured: number;
}

/** A whole interface statistics block for interface 0. Its own timestamp is the end time. */
export function interfaceStatisticsBlock(statistics: InterfaceStatistics): Uint8Array {
  const options: Option[] = [
    [ISB_START_TIME, timestampBytes(statistics.startTimeNs)],
    [ISB_END_TIME, timestampBytes(statistics.endTimeNs)],
    [ISB_RECEIVED, counterBytes(statistics.received)],
    [ISB_DROPPED, counterBytes(statistics.dropped)],
    [ISB_OS_DROPPED, counterBytes(statistics.notCaptured)],
  ];
  return block(INTERFACE_STATISTICS_BLOCK, INTERFACE_STATISTICS_LENGTH, options, (view) => {
    new Uint8Array(view.buffer).set(timestampBytes(statistics.endTimeNs), 12);
  });
}

/** Bytes that writeEnhancedPacket() will write for so many bytes of packet and such a record. */
export function enhancedPacketLength(capturedLength: number, record: PacketRecord): number {
  const comment = record.comment === undefined ? 0 : OPTION_HEADER_LENGTH + padded(record.comment.length);
  const dropCount = record.dropCount > 0 ? OPTION_HEADER_LENGTH + 8 : 0;
  return ENHANCED_PACKET_OVERHEAD + padded(capturedLength) + comment + dropCount;
}

/**
 * Writes an enhanced packet block of interface 0.
 *
 * @param target where to write; must have room for enhancedPacketLength() from `at` on. `view` is over the same bytes.
 * @param packet the first bytes of the packet, cut at the snap length.
 * @returns the length of the block in bytes.
 */
export function writeEnhancedPacket(
  target: Uint8Array,
  view: DataView,
  at: number,
  packet: Uint8Array,
  record: PacketRecord,
): number {
  const capturedLength = packet.length;
  const blockLength = enhancedPacketLength(capturedLength, record);
  if (at + blockLength > target.length) throw new RangeError("No room for the enhanced packet block");
  view.setUint32(at, ENHANCED_PACKET_BLOCK, true);
  view.setUint32(at + 4, blockLength, true);
  view.setUint32(at + 8, 0, true);
  view.setUint32(at + 12, record.timestampHigh, true);
  view.setUint32(at + 16, record.timestampLow, true);
  view.setUint32(at + 20, capturedLength, true);
  view.setUint32(at + 24, record.originalLength, true);
  target.set(packet, at + ENHANCED_PACKET_LENGTH);
  let position = pad(target, at + ENHANCED_PACKET_LENGTH, capturedLength);

  if (record.comment !== undefined) {
    writeOptionHeader(view, position, OPTION_COMMENT, record.comment.length);
    target.set(record.comment, position + OPTION_HEADER_LENGTH);
    position = pad(target, position + OPTION_HEADER_LENGTH, record.comment.length);
  }
  writeOptionHeader(view, position, EPB_FLAGS, 4);
  view.setUint32(position + 4, record.direction, true);
  position += OPTION_HEADER_LENGTH + 4;
  if (record.dropCount > 0) {
    writeOptionHeader(view, position, EPB_DROP_COUNT, 8);
    view.setUint32(position + 4, record.dropCount % 0x1_0000_0000, true);
    view.setUint32(position + 8, Math.floor(record.dropCount / 0x1_0000_0000), true);
    position += OPTION_HEADER_LENGTH + 8;
  }
  writeOptionHeader(view, position, OPTION_END, 0);
  view.setUint32(position + OPTION_HEADER_LENGTH, blockLength, true);
  return blockLength;
}

type Option = readonly [code: number, value: Uint8Array];

/** A block of a fixed part, which `fill` writes, and options. */
function block(
  type: number,
  fixedLength: number,
  options: readonly Option[],
  fill: (view: DataView) => void,
): Uint8Array {
  let length = fixedLength + OPTION_HEADER_LENGTH + TRAILER_LENGTH;
  for (const [, value] of options) length += OPTION_HEADER_LENGTH + padded(value.length);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  fill(view);
  let position = fixedLength;
  for (const [code, value] of options) {
    writeOptionHeader(view, position, code, value.length);
    bytes.set(value, position + OPTION_HEADER_LENGTH);
    position += OPTION_HEADER_LENGTH + padded(value.length);
  }
  writeOptionHeader(view, position, OPTION_END, 0);
  view.setUint32(position + OPTION_HEADER_LENGTH, length, true);
  return bytes;
}

function writeOptionHeader(view: DataView, at: number, code: number, length: number): void {
  view.setUint16(at, code, true);
  view.setUint16(at + 2, length, true);
}

/** A timestamp as pcapng writes it: the high half first, each half little-endian. */
function timestampBytes(timeNs: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(timeNs >> 32n & 0xffff_ffffn), true);
  view.setUint32(4, Number(timeNs & 0xffff_ffffn), true);
  return bytes;
}

function counterBytes(count: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(count), true);
  return bytes;
}

function padded(length: number): number {
  return length + 3 & ~3;
}

/** Zeroes the padding behind `length` bytes at `at` and gives where it ends. */
function pad(target: Uint8Array, at: number, length: number): number {
  const end = at + padded(length);
  target.fill(0, at + length, end);
  return end;
}
