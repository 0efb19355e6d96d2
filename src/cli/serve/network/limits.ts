/** The range of an MTU of a path in bytes: the least MTU of IPv4 (RFC 791), and the largest packet. */
export const PATH_MTU = { least: 68, most: 65535 } as const;

/** The highest seed. The lowest is 0. */
export const HIGHEST_SEED = 0xffff_ffff;
