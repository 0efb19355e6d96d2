/**
 * The Internet checksum (RFC 1071): the one's complement of the one's complement sum of all 16-bit words, here always
 * taken in network byte order.
 */

/**
 * Adds the 16-bit words of `bytes[offset, offset + length)` to `initial` and returns the sum. A last odd byte counts as
 * the high half of a word. The sum is not folded; it stays exact for up to 2^37 words.
 */
export function sumWords(bytes: Uint8Array, offset: number, length: number, initial = 0): number {
  let sum = initial;
  const evenEnd = offset + (length & ~1);
  for (let i = offset; i < evenEnd; i += 2) sum += bytes[i] << 8 | bytes[i + 1];
  if (length & 1) sum += bytes[evenEnd] << 8;
  return sum;
}

/**
 * Returns the sum of the pseudo-header that UDP, TCP and ICMPv6 checksums cover: RFC 768 for two IPv4 addresses, RFC
 * 8200 section 8.1 for two IPv6 addresses. Both sums have the same form.
 *
 * @param length bytes of the upper-layer header and its data.
 */
export function sumPseudoHeader(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
): number {
  const addresses = sumWords(destination, 0, destination.length, sumWords(source, 0, source.length));
  return addresses + (length >>> 16) + (length & 0xffff) + protocol;
}

/** Folds a sum into 16 bits by adding the carries back in. */
export function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/**
 * Returns the checksum to store over a range whose checksum field is zero. Over a range that contains its checksum, the
 * result is 0 exactly if that checksum is right.
 *
 * @param length bytes of the range.
 * @param initial an unfolded sum to add, such as that of the pseudo-header.
 */
export function internetChecksum(bytes: Uint8Array, offset: number, length: number, initial = 0): number {
  return ~foldSum(sumWords(bytes, offset, length, initial)) & 0xffff;
}
