/**
 * Makes the test of IPv4 addresses, each as the word that is loaded from a packet: whether the address can be neither the
 * source nor the destination of a reply. These are "this network", loopback, multicast, reserved, and the network and
 * broadcast addresses of a subnet.
 *
 * @param noHosts See `ResponderOptions`.
 */
export function createUnanswerable4(noHosts: readonly Uint8Array[]): (address: number) => boolean {
  const noHostWords = Int32Array.from(ipv4Words(noHosts));
  return (address) => {
    const firstOctet = address & 0xff;
    if (firstOctet === 0 || firstOctet === 127 || firstOctet >= 224) return true;
    for (let i = 0; i < noHostWords.length; i++) {
      if (noHostWords[i] === address) return true;
    }
    return false;
  };
}

/** The length of an IPv6 address in words. */
export const IPV6_ADDRESS_WORDS = 4;

/**
 * The same for the IPv6 address at word `at` of `words`: multicast, unspecified, loopback, IPv4-mapped, and the anycast address of
 * a subnet's routers, which RFC 4291 section 2.6.1 forbids as a source.
 */
export function createUnanswerable6(
  words: Int32Array,
  noHosts: readonly Uint8Array[],
): (at: number) => boolean {
  const noHostWords = Int32Array.from(ipv6Words(noHosts));
  const isNoHost = (at: number): boolean => {
    for (let i = 0; i < noHostWords.length; i += IPV6_ADDRESS_WORDS) {
      if (
        noHostWords[i + 3] === words[at + 3] && noHostWords[i + 2] === words[at + 2] &&
        noHostWords[i + 1] === words[at + 1] && noHostWords[i] === words[at]
      ) return true;
    }
    return false;
  };
  return (at) => {
    const first = words[at];
    if ((first & 0xff) === 0xff) return true;
    if (first !== 0 || words[at + 1] !== 0) return isNoHost(at);
    const third = words[at + 2];
    const last = words[at + 3];
    return third === (0xffff_0000 | 0) || third === 0 && (last === 0 || last === 0x0100_0000) || isNoHost(at);
  };
}

/** Returns the IPv4 addresses among `addresses`, each as the word that is loaded from a packet. */
export function ipv4Words(addresses: readonly Uint8Array[]): number[] {
  return addresses.filter(({ length }) => length === 4)
    .map(([first, second, third, fourth]) => first | second << 8 | third << 16 | fourth << 24);
}

/** Returns the IPv6 addresses among `addresses`, each as the four words that are loaded from a packet. */
function ipv6Words(addresses: readonly Uint8Array[]): number[] {
  return addresses.filter(({ length }) => length === 4 * IPV6_ADDRESS_WORDS)
    .flatMap((address) => [...new Int32Array(address.slice().buffer)]);
}
