/** Offsets of the TCP header (RFC 9293 section 3.1). Only what a line about a segment needs. */
export const TCP_SOURCE_PORT = 0;
export const TCP_DESTINATION_PORT = 2;
export const TCP_SEQUENCE = 4;
export const TCP_ACKNOWLEDGMENT = 8;
/** Data offset in the upper four bits, in 32-bit words. */
export const TCP_DATA_OFFSET = 12;
export const TCP_FLAGS = 13;
export const TCP_WINDOW = 14;
/** Length of the header without options, in bytes. */
export const TCP_HEADER_LENGTH = 20;

/** From the lowest bit up. */
const FLAG_NAMES = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

/** The flags that are set, as in `SYN,ACK`; `no flags` if none is. */
export function tcpFlagNames(flags: number): string {
  return FLAG_NAMES.filter((_, bit) => (flags >> bit & 1) !== 0).join(",") || "no flags";
}
