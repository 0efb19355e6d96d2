const SET_BITS = 8;
const SET_ENTRIES = 4;
/** How many fragmented datagrams are remembered at once. */
const ENTRIES = SET_ENTRIES << SET_BITS;

/** Kind (0 if free), identification, up to eight words of addresses, time. */
const ENTRY_WORDS = 11;
const KIND = 0;
const IDENTIFICATION = 1;
const ADDRESSES = 2;
const TIME = 10;

/** RFC 8200 section 4.5, and RFC 1122 section 3.3.2: what has not come together by then is given up. */
const LIFETIME_MS = 60_000;

/** Kind of an IPv4 datagram, whose key includes the protocol (RFC 791). */
export function ipv4Kind(protocol: number): number {
  return 0x400 | protocol;
}

/** Kind of an IPv6 datagram, whose key is only the addresses and the identification (RFC 8200 section 4.5). */
export const IPV6_KIND = 0x600;

/**
 * Finds fragmented datagrams by their key: kind, identification and addresses. A datagram has a number, from 0 to
 * `capacity` - 1, for as long as it is remembered: 60 seconds, or until newer ones need its place.
 *
 * The memory is fixed. A key belongs to one set of four places, so that finding it always takes the same short time,
 * whatever a sender does; a newer datagram takes the place of the oldest in its set. That may lose an answer but never
 * gives a wrong one, because a place holds the whole key.
 */
export interface DatagramTable {
  readonly capacity: number;
  /** Gives the number of a datagram, or -1. `at` is the word index of its source; the destination follows. */
  find(kind: number, identification: number, at: number): number;
  /** Remembers a datagram that `find()` does not find, and gives its number. */
  add(kind: number, identification: number, at: number): number;
  /** Begins the 60 seconds of a datagram anew. */
  renew(datagram: number): void;
}

/**
 * @param words the memory that packets lie in, as 32-bit words.
 * @param nowMs gives the time in milliseconds.
 * @param onForget is told the number of every datagram that is no longer remembered, before another one has it.
 */
export function createDatagramTable(
  words: Int32Array,
  nowMs: () => number,
  onForget: (datagram: number) => void,
): DatagramTable {
  const table = new Int32Array(ENTRIES * ENTRY_WORDS);
  const addressWords = (kind: number): number => kind === IPV6_KIND ? 8 : 2;

  const setOf = (kind: number, identification: number, at: number): number => {
    let hash = Math.imul(kind ^ identification, 0x9e3779b1);
    for (let i = 0; i < addressWords(kind); i++) {
      hash = Math.imul(hash ^ words[at + i], 0x85ebca6b) ^ hash >>> 15;
    }
    return SET_ENTRIES * (hash >>> (32 - SET_BITS));
  };

  /** Time since a datagram was added. A clock that was set back makes this a very long time. */
  const ageMs = (datagram: number): number => (nowMs() | 0) - table[datagram * ENTRY_WORDS + TIME] >>> 0;

  const holds = (datagram: number, kind: number, identification: number, at: number): boolean => {
    const entry = datagram * ENTRY_WORDS;
    if (table[entry + KIND] !== kind || table[entry + IDENTIFICATION] !== identification) return false;
    for (let i = 0; i < addressWords(kind); i++) {
      if (table[entry + ADDRESSES + i] !== words[at + i]) return false;
    }
    return ageMs(datagram) < LIFETIME_MS;
  };

  return {
    capacity: ENTRIES,
    find(kind: number, identification: number, at: number): number {
      const first = setOf(kind, identification, at);
      for (let datagram = first; datagram < first + SET_ENTRIES; datagram++) {
        if (holds(datagram, kind, identification, at)) return datagram;
      }
      return -1;
    },
    add(kind: number, identification: number, at: number): number {
      const first = setOf(kind, identification, at);
      let place = first;
      for (let datagram = first; datagram < first + SET_ENTRIES; datagram++) {
        if (table[datagram * ENTRY_WORDS + KIND] === 0) {
          place = datagram;
          break;
        }
        if (ageMs(datagram) > ageMs(place)) place = datagram;
      }
      onForget(place);
      const entry = place * ENTRY_WORDS;
      table[entry + KIND] = kind;
      table[entry + IDENTIFICATION] = identification;
      for (let i = 0; i < addressWords(kind); i++) table[entry + ADDRESSES + i] = words[at + i];
      table[entry + TIME] = nowMs() | 0;
      return place;
    },
    renew(datagram: number): void {
      table[datagram * ENTRY_WORDS + TIME] = nowMs() | 0;
    },
  };
}
