/** What a responder did with a packet. Small integers, so that a verdict costs no allocation. */

/** Not to be answered: no echo request, or one that must not be answered. The packet is untouched. */
export const IGNORED = 0;
/** The packet has become its reply, in place and of the same size. */
export const REPLY = 1;
/** Not a well-formed IP packet, or its lengths or header checksum lie. The packet is untouched. */
export const MALFORMED = 2;

export type Verdict = typeof IGNORED | typeof REPLY | typeof MALFORMED;

/**
 * Looks at the packet of `size` bytes (any number from 0 on) that starts at `offset`, a multiple of 4, and turns it
 * into its reply or leaves it as it was.
 */
export type Responder = (offset: number, size: number) => Verdict;
