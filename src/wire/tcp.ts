/** Offsets of the fields of the TCP header (RFC 9293 section 3.1) that are read or written. */
export const TCP_SOURCE_PORT = 0;
export const TCP_DESTINATION_PORT = 2;
export const TCP_SEQUENCE = 4;
export const TCP_ACKNOWLEDGMENT = 8;
/** Offset of the byte whose upper four bits are the header length in 32-bit words. */
export const TCP_DATA_OFFSET = 12;
export const TCP_FLAGS = 13;
export const TCP_WINDOW = 14;
export const TCP_CHECKSUM = 16;
/** Length of the header without options, in bytes. */
export const TCP_HEADER_LENGTH = 20;

/** Names of the flags, from the lowest bit up. */
const FLAG_NAMES = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

/** Returns the names of the set flags, as in `SYN,ACK`, or `no flags` if none is set. */
export function tcpFlagNames(flags: number): string {
  return FLAG_NAMES.filter((_, bit) => (flags >> bit & 1) !== 0).join(",") || "no flags";
}
