import { updateChecksum } from "./checksum.ts";

/** The TTL or hop limit of a reply. */
export const HOP_LIMIT = 64;

// Little-endian words of the headers, as in ipv4.ts and ipv6.ts.
const TTL_WORD = 2;
const HOP_LIMIT_WORD = 1;

/** Sets the TTL of the IPv4 packet at word `at`, and updates the header checksum (RFC 1624). */
export function setTimeToLive(words: Int32Array, at: number, ttl: number): void {
  const ttlWord = words[at + TTL_WORD];
  const checksum = updateChecksum(ttlWord >>> 16, (ttlWord & 0xff) - ttl);
  words[at + TTL_WORD] = checksum << 16 | ttlWord & 0xff00 | ttl;
}

/** Sets the hop limit of the IPv6 packet at word `at`. */
export function setHopLimit(words: Int32Array, at: number, hopLimit: number): void {
  words[at + HOP_LIMIT_WORD] = words[at + HOP_LIMIT_WORD] & 0x00ff_ffff | hopLimit << 24;
}
