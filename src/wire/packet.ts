import type { IpAddress } from "./ip_address.ts";

/** Reports that the bytes are not a well-formed packet. The message is only the reason, worded for the user. */
export class PacketError extends Error {
  override readonly name = "PacketError";
}

/** Reports that a capture kept too little of a packet to read it. The part that was kept is well-formed. */
export class CutOffError extends Error {
  override readonly name = "CutOffError";

  /** @param header the header in which the bytes end, such as `IPv4 header`. */
  constructor(header: string) {
    super(`captured only into the ${header}`);
  }
}

/** An IP packet, as its IP headers describe it. Offsets count from the start of the parsed bytes. */
export interface IpPacket {
  readonly family: 4 | 6;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** TTL, or hop limit. */
  readonly hopLimit: number;
  /** The upper-layer protocol, which follows all IPv6 extension headers that were walked. */
  readonly protocol: number;
  /** Where the upper layer starts and ends. Bytes after the end are padding. */
  readonly payloadOffset: number;
  readonly payloadEnd: number;
  /** Length in bytes of headers and payload, as the IP header gives it. */
  readonly length: number;
  /** Set if the packet is a fragment. */
  readonly fragment?: Fragment;
  /** Next-header numbers of the IPv6 extension headers, in order. Empty for IPv4. */
  readonly extensionHeaders: readonly number[];
}

/** The position of a fragment in its packet. */
export interface Fragment {
  /** 16 bits in IPv4, 32 in IPv6. */
  readonly identification: number;
  /** In bytes, a multiple of 8. */
  readonly offset: number;
  readonly hasMore: boolean;
}

/** Reads 16 bits in network byte order. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return bytes[offset] << 8 | bytes[offset + 1];
}

/** Writes 16 bits in network byte order. */
export function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >> 8;
  bytes[offset + 1] = value;
}

/** Reads 32 bits in network byte order, unsigned. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return (readUint16(bytes, offset) << 16 | readUint16(bytes, offset + 2)) >>> 0;
}
