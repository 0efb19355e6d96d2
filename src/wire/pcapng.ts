/**
 * Writes the pcapng capture format (IETF draft "PCAP Now Generic (pcapng) Capture File Format"), little-endian.
 *
 * A capture is a section header, an interface description, and then packets and statistics in any order. Each is a
 * block whose length is a multiple of 4. This module keeps no state and opens nothing. The caller copies the bytes of a
 * packet; this module writes the rest of the packet's block around them, with 32-bit stores (every platform of Deno is
 * little-endian) and without an allocation.
 */

const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION_BLOCK = 1;
const INTERFACE_STATISTICS_BLOCK = 5;
const ENHANCED_PACKET_BLOCK = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAJOR_VERSION = 1;
const MINOR_VERSION = 0;

/** Packets start with the IPv4 or IPv6 header (LINKTYPE_RAW in the registry "Link-Layer Header Types"). */
const LINKTYPE_RAW = 101;

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

/** if_tsresol: timestamps count 10^-9 seconds. */
const NANOSECONDS = 9;

const OPTION_HEADER_LENGTH = 4;
const TRAILER_LENGTH = 4;
const SECTION_HEADER_LENGTH = 24;
const INTERFACE_DESCRIPTION_LENGTH = 16;
const ENHANCED_PACKET_LENGTH = 28;
const INTERFACE_STATISTICS_LENGTH = 20;

const utf8 = new TextEncoder();

// Where the fields of an enhanced packet block are, in 32-bit words from its start.
export const BLOCK_LENGTH_WORD = 1;
export const INTERFACE_WORD = 2;
/** Two words, the high half first. */
export const TIMESTAMP_WORD = 3;
export const CAPTURED_LENGTH_WORD = 5;
export const ORIGINAL_LENGTH_WORD = 6;

/** Offset of the packet's bytes in an enhanced packet block. */
export const PACKET_OFFSET = ENHANCED_PACKET_LENGTH;

/**
 * Bytes of an enhanced packet block, without a comment and a drop count, that are neither the packet's nor their
 * padding.
 */
export const ENHANCED_PACKET_OVERHEAD = ENHANCED_PACKET_LENGTH + OPTION_HEADER_LENGTH + 4 +
  OPTION_HEADER_LENGTH +
  TRAILER_LENGTH;

/** epb_flags, bits 0 and 1. */
export const INBOUND = 1;
export const OUTBOUND = 2;

/** An encoded comment on a packet. */
export interface Comment {
  /** Length of the UTF-8 text in bytes. */
  readonly length: number;
  /** The UTF-8 text, padded with zeros to whole words. */
  readonly words: Int32Array;
}

/**
 * Builds a whole section header block, which starts a capture.
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
    // The length of the section is not known in advance: -1.
    view.setBigInt64(16, -1n, true);
  });
}

/**
 * Builds a whole interface description block: raw IP packets, nanosecond timestamps. It must follow the section header;
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
  /** Packets seen on the interface, in both directions. */
  readonly received: number;
  /** Packets out of `received` that the capture lacks. Wireshark shows them as dropped. */
  readonly dropped: number;
}

/** Builds a whole interface statistics block for interface 0. The timestamp of the block is the end time. */
export function interfaceStatisticsBlock(statistics: InterfaceStatistics): Uint8Array {
  const options: Option[] = [
    [ISB_START_TIME, timestampBytes(statistics.startTimeNs)],
    [ISB_END_TIME, timestampBytes(statistics.endTimeNs)],
    [ISB_RECEIVED, counterBytes(statistics.received)],
    [ISB_DROPPED, counterBytes(statistics.dropped)],
  ];
  return block(INTERFACE_STATISTICS_BLOCK, INTERFACE_STATISTICS_LENGTH, options, (view) => {
    new Uint8Array(view.buffer).set(timestampBytes(statistics.endTimeNs), 12);
  });
}

/** Encodes a comment of at most 65535 bytes of UTF-8. */
export function encodeComment(text: string): Comment {
  const bytes = utf8.encode(text);
  if (bytes.length > 0xffff) throw new RangeError("A comment has at most 65535 bytes");
  const words = new Int32Array(padded(bytes.length) / 4);
  new Uint8Array(words.buffer).set(bytes);
  return { length: bytes.length, words };
}

/**
 * Returns the length in bytes of an enhanced packet block.
 *
 * @param capturedLength bytes that are kept of the packet.
 * @param dropCount packets lost between this one and the one before; written if above 0.
 */
export function enhancedPacketLength(capturedLength: number, dropCount: number, comment?: Comment): number {
  return ENHANCED_PACKET_OVERHEAD + padded(capturedLength) +
    (dropCount > 0 ? OPTION_HEADER_LENGTH + 8 : 0) +
    (comment === undefined ? 0 : commentLength(comment));
}

/**
 * Writes an enhanced packet block of interface 0, except the bytes of the packet (at PACKET_OFFSET), the timestamp and
 * the direction.
 *
 * @param words where to write, with room for enhancedPacketLength(); the block starts at byte `at`, a multiple of 4.
 * @param originalLength bytes of the whole packet.
 * @returns the length of the block in bytes.
 */
export function writeEnhancedPacketFrame(
  words: Int32Array,
  at: number,
  capturedLength: number,
  originalLength: number,
  dropCount: number,
  comment?: Comment,
): number {
  const start = at >> 2;
  words[start] = ENHANCED_PACKET_BLOCK;
  words[start + INTERFACE_WORD] = 0;
  words[start + ORIGINAL_LENGTH_WORD] = originalLength;
  // Clears the last word, which ends in the padding, before the packet's bytes overwrite the rest of it. For an empty
  // packet this word is a length, which is written above or below.
  if (capturedLength > 0) words[optionsWord(start, capturedLength) - 1] = 0;
  words[start + CAPTURED_LENGTH_WORD] = capturedLength;
  return writeEnhancedPacketOptions(words, at, dropCount, comment);
}

/**
 * Writes what follows the bytes of the packet in the enhanced packet block at byte `at`, except the direction. The rest of
 * the block stays as it is.
 *
 * @returns the length of the block in bytes.
 */
export function writeEnhancedPacketOptions(
  words: Int32Array,
  at: number,
  dropCount: number,
  comment?: Comment,
  second?: Comment,
  third?: Comment,
): number {
  const start = at >> 2;
  let word = optionsWord(start, words[start + CAPTURED_LENGTH_WORD]);
  if (comment !== undefined) word = writeComment(words, word, comment);
  if (second !== undefined) word = writeComment(words, word, second);
  if (third !== undefined) word = writeComment(words, word, third);
  if (dropCount > 0) {
    words[word++] = EPB_DROP_COUNT | 8 << 16;
    words[word++] = dropCount;
    words[word++] = Math.floor(dropCount / 0x1_0000_0000);
  }
  words[word] = EPB_FLAGS | 4 << 16;
  words[word + 2] = OPTION_END;
  const blockLength = (word + 4 << 2) - at;
  words[word + 3] = blockLength;
  words[start + BLOCK_LENGTH_WORD] = blockLength;
  return blockLength;
}

/** Writes a comment at word `at`, and returns the word behind it. */
function writeComment(words: Int32Array, at: number, comment: Comment): number {
  words[at] = OPTION_COMMENT | comment.length << 16;
  words.set(comment.words, at + 1);
  return at + 1 + comment.words.length;
}

/** Returns the word behind the packet in the block at word `start`. */
function optionsWord(start: number, capturedLength: number): number {
  return start + (ENHANCED_PACKET_LENGTH + padded(capturedLength) >> 2);
}

/**
 * Sets the timestamp of the enhanced packet block at byte `at`: nanoseconds since 1970-01-01 00:00 UTC, unsigned, as
 * two halves of 32 bits.
 */
export function setPacketTime(words: Int32Array, at: number, high: number, low: number): void {
  const word = (at >> 2) + TIMESTAMP_WORD;
  words[word] = high;
  words[word + 1] = low;
}

/** Sets the direction of the packet in the enhanced packet block that ends before byte `end`. */
export function setPacketDirection(
  words: Int32Array,
  end: number,
  direction: typeof INBOUND | typeof OUTBOUND,
): void {
  words[(end >> 2) - 3] = direction;
}

type Option = readonly [code: number, value: Uint8Array];

/** Builds a block of a fixed part, which `fill` writes, and options. */
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

/** Returns a timestamp in the layout of pcapng: the high half first, each half little-endian. */
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

/** Returns the length in bytes of a comment in a block. */
export function commentLength(comment: Comment): number {
  return OPTION_HEADER_LENGTH + 4 * comment.words.length;
}

function padded(length: number): number {
  return length + 3 & ~3;
}
