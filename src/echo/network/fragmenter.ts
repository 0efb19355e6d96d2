import { internetChecksum } from "../../wire/checksum.ts";
import {
  IPV4_CHECKSUM,
  IPV4_FLAGS_OFFSET,
  IPV4_HEADER_LENGTH,
  IPV4_MORE_FRAGMENTS,
  IPV4_OFFSET_MASK,
  IPV4_OPTION_END,
  IPV4_OPTION_NO_OPERATION,
  IPV4_TOTAL_LENGTH,
  IPV4_VERSION_IHL,
} from "../../wire/ipv4.ts";
import { readUint16, writeUint16 } from "../../wire/packet.ts";

const LONGEST_HEADER = 60;
/** The flag of an option that is in every fragment (RFC 791 section 3.1). */
const COPIED = 0x80;
const UNIT = 8;

/** Receives a fragment: its byte index and its size. It is valid during the call. */
export type TakeFragment = (at: number, size: number) => void;

/**
 * Makes the function that cuts IPv4 packets into fragments, as a router does (RFC 791 section 3.2). It cuts the packet of
 * `size` bytes at `start` in place: each header is written in front of its data, over the fragment before.
 *
 * The packet has no "don't fragment", is larger than `mtu` (68 and more), and may itself be a fragment. Its options are
 * well-formed.
 */
export function createFragmenter(): (
  memory: Uint8Array,
  start: number,
  size: number,
  mtu: number,
  take: TakeFragment,
) => void {
  const first = new Uint8Array(LONGEST_HEADER);
  const later = new Uint8Array(LONGEST_HEADER);

  return (memory, start, size, mtu, take) => {
    const firstLength = (memory[start + IPV4_VERSION_IHL] & 0x0f) << 2;
    for (let i = 0; i < firstLength; i++) first[i] = memory[start + i];
    const laterLength = copyOptions(first, firstLength, later);
    const flags = readUint16(first, IPV4_FLAGS_OFFSET);
    const end = start + size;
    let data = start + firstLength;
    let offset = flags & IPV4_OFFSET_MASK;
    for (
      let header = first, headerLength = firstLength;
      data < end;
      header = later, headerLength = laterLength
    ) {
      const left = end - data;
      const most = mtu - headerLength & -UNIT;
      const isLast = left <= mtu - headerLength;
      const length = isLast ? left : most;
      const at = data - headerLength;
      for (let i = 0; i < headerLength; i++) memory[at + i] = header[i];
      writeUint16(memory, at + IPV4_TOTAL_LENGTH, headerLength + length);
      writeUint16(
        memory,
        at + IPV4_FLAGS_OFFSET,
        flags & ~IPV4_OFFSET_MASK | offset | (isLast ? 0 : IPV4_MORE_FRAGMENTS),
      );
      writeUint16(memory, at + IPV4_CHECKSUM, 0);
      writeUint16(memory, at + IPV4_CHECKSUM, internetChecksum(memory, at, headerLength));
      take(at, headerLength + length);
      data += length;
      offset += length / UNIT;
    }
  };
}

/** Makes the header of the later fragments, with the options that are copied. Returns its length. */
function copyOptions(header: Uint8Array, headerLength: number, target: Uint8Array): number {
  for (let i = 0; i < IPV4_HEADER_LENGTH; i++) target[i] = header[i];
  let end = IPV4_HEADER_LENGTH;
  let at = IPV4_HEADER_LENGTH;
  while (at < headerLength && header[at] !== IPV4_OPTION_END) {
    const length = header[at] === IPV4_OPTION_NO_OPERATION ? 1 : header[at + 1];
    if ((header[at] & COPIED) !== 0) {
      for (let i = 0; i < length; i++) target[end++] = header[at + i];
    }
    at += length;
  }
  while ((end & 3) !== 0) target[end++] = IPV4_OPTION_END;
  target[IPV4_VERSION_IHL] = 0x40 | end >> 2;
  return end;
}
