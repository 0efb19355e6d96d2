const SET_BITS = 8;
const SET_ENTRIES = 4;
/** The number of fragmented datagrams that the table remembers at once. */
const ENTRIES = SET_ENTRIES << SET_BITS;

// An entry: the kind (0 if the entry is free), the identification, up to eight words of addresses, the time.
const ENTRY_WORDS = 11;
const KIND = 0;
const IDENTIFICATION = 1;
const ADDRESSES = 2;
const TIME = 10;

/** A datagram that is incomplete after this time is given up (RFC 8200 section 4.5, RFC 1122 section 3.3.2). */
const LIFETIME_MS = 60_000;

/** Returns the kind of an IPv4 datagram. It includes the protocol, which is part of the key (RFC 791). */
export function ipv4Kind(protocol: number): number {
  return 0x400 | protocol;
}

/** The kind of an IPv6 datagram. Addresses and identification complete its key (RFC 8200 section 4.5). */
export const IPV6_KIND = 0x600;

/**
 * Numbers fragmented datagrams by their key: kind, identification and addresses. A datagram keeps its number, from 0 to
 * `capacity` - 1, until it is forgotten: after 60 seconds, or when a newer datagram needs the entry.
 *
 * The memory is fixed. A key belongs to one set of four entries, so a search takes the same short time whatever a sender
 * does. In a full set, a newer datagram replaces the oldest. This may lose an answer. It never causes a wrong answer,
 * because an entry holds the whole key.
 */
export interface DatagramTable {
  readonly capacity: number;
  /**
   * Returns the number of a datagram, and remembers the datagram if it is new.
   *
   * @param at The word index of the source address, which the destination address follows.
   */
  numberOf(kind: number, identification: number, at: number): number;
  /** Restarts the 60 seconds of a datagram. */
  renew(datagram: number): void;
}

/**
 * Makes an empty table.
 *
 * @param words The memory that holds the packets, as 32-bit words.
 * @param nowMs Returns the time in milliseconds. If it is set back, the datagrams of before are forgotten.
 * @param onNew Is called with each number that `numberOf()` gives to a new datagram. An earlier datagram of that number
 *   is forgotten.
 */
export function createDatagramTable(
  words: Int32Array,
  nowMs: () => number,
  onNew: (datagram: number) => void,
): DatagramTable {
  const table = new Int32Array(ENTRIES * ENTRY_WORDS);
  const addressWords = (kind: number): number => kind === IPV6_KIND ? 8 : 2;

  const firstOfSet = (kind: number, identification: number, at: number): number => {
    let hash = Math.imul(kind ^ identification, 0x9e3779b1);
    for (let i = 0; i < addressWords(kind); i++) {
      hash = Math.imul(hash ^ words[at + i], 0x85ebca6b) ^ hash >>> 15;
    }
    return SET_ENTRIES * (hash >>> (32 - SET_BITS));
  };

  /** Returns the age of a datagram. It is very high if the clock was set back. */
  const ageMs = (datagram: number): number => (nowMs() | 0) - table[datagram * ENTRY_WORDS + TIME] >>> 0;

  const renew = (datagram: number): void => {
    table[datagram * ENTRY_WORDS + TIME] = nowMs() | 0;
  };

  const holds = (datagram: number, kind: number, identification: number, at: number): boolean => {
    const entry = datagram * ENTRY_WORDS;
    if (table[entry + KIND] !== kind || table[entry + IDENTIFICATION] !== identification) return false;
    for (let i = 0; i < addressWords(kind); i++) {
      if (table[entry + ADDRESSES + i] !== words[at + i]) return false;
    }
    return ageMs(datagram) < LIFETIME_MS;
  };

  /** Returns a free entry of a set, or its oldest one. */
  const chooseEntry = (first: number): number => {
    let oldest = first;
    for (let datagram = first; datagram < first + SET_ENTRIES; datagram++) {
      if (table[datagram * ENTRY_WORDS + KIND] === 0) return datagram;
      if (ageMs(datagram) > ageMs(oldest)) oldest = datagram;
    }
    return oldest;
  };

  return {
    capacity: ENTRIES,
    numberOf(kind: number, identification: number, at: number): number {
      const first = firstOfSet(kind, identification, at);
      for (let datagram = first; datagram < first + SET_ENTRIES; datagram++) {
        if (holds(datagram, kind, identification, at)) return datagram;
      }
      const datagram = chooseEntry(first);
      const entry = datagram * ENTRY_WORDS;
      table[entry + KIND] = kind;
      table[entry + IDENTIFICATION] = identification;
      for (let i = 0; i < addressWords(kind); i++) table[entry + ADDRESSES + i] = words[at + i];
      renew(datagram);
      onNew(datagram);
      return datagram;
    },
    renew,
  };
}
