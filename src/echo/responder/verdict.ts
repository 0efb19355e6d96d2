/**
 * The result for a packet, as a number, so that it costs no allocation.
 *
 * - Above 0: the packet has become its reply, in place. The number is the length of the reply in bytes.
 * - Below `HELD`: the same, with the sign changed. The reply is the first fragment of a datagram, and fragments that came
 *   before it are to be sent after it.
 * - Otherwise: `IGNORED`, `MALFORMED` or `HELD`.
 */
export type Verdict = number;

/** The packet is no echo request, or a request that must not be answered. The packet is untouched. */
export const IGNORED = 0;
/** The packet is no well-formed IP packet, or a length or checksum in it is wrong. The packet is untouched. */
export const MALFORMED = -1;
/** The packet is a fragment that came before the first one of its datagram. A copy is held (see fragments.ts). */
export const HELD = -2;

/** The largest packet in bytes: the highest total length of IPv4, and WINTUN_MAX_IP_PACKET_SIZE of wintun.h. */
export const LARGEST_PACKET = 65535;

/**
 * Turns the packet of `size` bytes (0 to 65535) at `offset`, a multiple of 4, into its reply, or leaves it as it was. It
 * never throws, whatever the bytes are.
 */
export type Responder = (offset: number, size: number) => Verdict;

/** The result of one part of a responder for its part of a packet: `TURNED`, `FOLLOWED`, `IGNORED`, `MALFORMED` or `HELD`. */
export type Step = number;
/** This part allows a reply, and has made its changes for it, if any. */
export const TURNED = 1;
/** The same, and the packet is a first fragment that others have waited for. */
export const FOLLOWED = 2;
