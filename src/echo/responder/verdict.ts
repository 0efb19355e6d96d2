/**
 * What a responder did with a packet: a number, so that a verdict costs no allocation. Above 0, the packet has become its
 * reply, in place, and the number is the length of the reply in bytes. Below `HELD`, the same with the sign changed, and
 * the reply is the first fragment of a datagram: fragments that came before it wait to be sent after it.
 */
export type Verdict = number;

/** Not to be answered: no echo request, or one that must not be answered. The packet is untouched. */
export const IGNORED = 0;
/** Not a well-formed IP packet, or a length or checksum in it is wrong. The packet is untouched. */
export const MALFORMED = -1;
/** A fragment that came before the first of its datagram: kept until that comes (see fragments.ts). */
export const HELD = -2;

/** The largest packet: IPv4's total length has 16 bits, and a packet of Wintun is no longer. */
export const LARGEST_PACKET = 65535;

/**
 * Looks at the packet of `size` bytes (any number from 0 on) that starts at `offset`, a multiple of 4, and turns it
 * into its reply or leaves it as it was.
 */
export type Responder = (offset: number, size: number) => Verdict;

/**
 * What one part of a responder says of its part of a packet to the part that called it: `TURNED` (it has become that of
 * the reply), `FOLLOWED` (the same, and it is a first fragment that others have waited for), or `IGNORED`, `MALFORMED`,
 * `HELD`.
 */
export type Step = number;
export const TURNED = 1;
export const FOLLOWED = 2;
