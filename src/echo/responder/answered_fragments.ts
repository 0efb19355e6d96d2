/**
 * Remembers of which fragmented datagrams the first fragment was answered.
 *
 * Only the first fragment of a datagram shows what it is. A later one may belong to an echo request, but as well to an
 * echo reply or an ICMP error, which must never be answered; so it is answered only if its first fragment was. A later
 * fragment that overtakes its first is therefore lost. Linux and Windows send fragments in order, and a tunnel
 * adapter keeps the order.
 *
 * The memory is a fixed table without chains: a newer datagram overwrites an older one that hashes alike, which may
 * lose an answer but never gives a wrong one, as entries hold the whole key.
 */
export interface AnsweredFragments {
  /** `at` is the word index of the first address; source and destination lie one behind the other. */
  remember(kind: number, identification: number, at: number): void;
  forget(kind: number, identification: number, at: number): void;
  has(kind: number, identification: number, at: number): boolean;
}

/** Kind of an IPv4 datagram, whose key includes the protocol (RFC 791). */
export function ipv4Kind(protocol: number): number {
  return 0x400 | protocol;
}

/** Kind of an IPv6 datagram, whose key is only the addresses and the identification (RFC 8200 section 4.5). */
export const IPV6_KIND = 0x600;

const ENTRY_BITS = 8;
/** Kind (0 if free), identification, and up to eight words of addresses. */
const ENTRY_WORDS = 10;

/** @param words the memory that packets lie in, as 32-bit words. */
export function createAnsweredFragments(words: Int32Array): AnsweredFragments {
  const table = new Int32Array(ENTRY_WORDS << ENTRY_BITS);

  const addressWords = (kind: number): number => kind === IPV6_KIND ? 8 : 2;

  const entryOf = (kind: number, identification: number, at: number): number => {
    let hash = Math.imul(kind ^ identification, 0x9e3779b1);
    for (let i = 0; i < addressWords(kind); i++) {
      hash = Math.imul(hash ^ words[at + i], 0x85ebca6b) ^ hash >>> 15;
    }
    return ENTRY_WORDS * (hash >>> (32 - ENTRY_BITS));
  };

  const holds = (entry: number, kind: number, identification: number, at: number): boolean => {
    if (table[entry] !== kind || table[entry + 1] !== identification) return false;
    for (let i = 0; i < addressWords(kind); i++) {
      if (table[entry + 2 + i] !== words[at + i]) return false;
    }
    return true;
  };

  return {
    remember(kind: number, identification: number, at: number): void {
      const entry = entryOf(kind, identification, at);
      table[entry] = kind;
      table[entry + 1] = identification;
      for (let i = 0; i < addressWords(kind); i++) table[entry + 2 + i] = words[at + i];
    },
    forget(kind: number, identification: number, at: number): void {
      const entry = entryOf(kind, identification, at);
      if (holds(entry, kind, identification, at)) table[entry] = 0;
    },
    has(kind: number, identification: number, at: number): boolean {
      return holds(entryOf(kind, identification, at), kind, identification, at);
    },
  };
}
