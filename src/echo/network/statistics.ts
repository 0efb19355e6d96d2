import type { IpAddress } from "../../wire/ip_address.ts";

/** The totals of a network besides those of counters.ts, since the serving began. */
export interface NetworkTotals {
  /** Packets that the link has lost on purpose. */
  readonly lost: number;
  /** Packets that the link has sent a second time on purpose. They are not counted as replied. */
  readonly duplicated: number;
  /** Packets that the link has sent without the delay, ahead of others. */
  readonly reordered: number;
  /** Packets that have waited in the queue, or wait now. */
  readonly delayed: number;
  /** Packets that wait in the queue now. */
  readonly waiting: number;
  /** Packets that found no room in the queue. They are also counted as dropped. */
  readonly queueFull: number;
  /** Packets to an address where no host is, answered or not. */
  readonly noHost: number;
  /** ICMP errors and resets, by what they say. */
  readonly hostUnreachable: number;
  readonly portUnreachable: number;
  readonly timeExceeded: number;
  readonly tooBig: number;
  readonly tcpReset: number;
  /** Echo requests of the network itself, and those of them that were answered. */
  readonly pingsSent: number;
  readonly pingsAnswered: number;
}

/** What was sent to one address, and what became of it. */
export interface HostTotals {
  readonly address: IpAddress;
  /** Packets to this address, and their bytes. */
  readonly packets: number;
  readonly bytes: number;
  /** Those of them with an answer that was sent, or waits to be sent. */
  readonly answered: number;
  /** Those whose answer the link has lost on purpose. */
  readonly lost: number;
  /** Those whose answer found no room in the queue or in the send ring. */
  readonly dropped: number;
}

/** The statistics at one moment. */
export interface NetworkStatistics {
  readonly totals: NetworkTotals;
  /**
   * The busiest addresses, in no order, at most `MOST_HOSTS`. If there are more addresses, a new one may take the place
   * of one with fewer packets.
   */
  readonly hosts: readonly HostTotals[];
  /** How many times an address has lost its place. */
  readonly forgotten: number;
}

/*
 * The memory: the totals, then a hash table of hosts in sets of four entries. An entry has six words (a generation, the
 * family, the address), then five floats.
 */
const TOTALS = [
  "lost",
  "duplicated",
  "reordered",
  "delayed",
  "waiting",
  "queueFull",
  "noHost",
  "hostUnreachable",
  "portUnreachable",
  "timeExceeded",
  "tooBig",
  "tcpReset",
  "pingsSent",
  "pingsAnswered",
] as const satisfies readonly (keyof NetworkTotals)[];

/** The index of each total among the floats of the memory. */
export const TOTAL = Object.fromEntries(TOTALS.map((name, index) => [name, index])) as Record<
  keyof NetworkTotals,
  number
>;
const FORGOTTEN = TOTALS.length;
const HEADER_FLOATS = 16;

const SET_BITS = 10;
const SET_ENTRIES = 4;
/** The most addresses that are remembered at once. */
export const MOST_HOSTS = SET_ENTRIES << SET_BITS;
const ENTRY_FLOATS = 8;

// Words of an entry. While the generation is odd, the entry gets another address.
const GENERATION = 0;
const FAMILY = 1;
const ADDRESS = 2;
// Floats of an entry.
const PACKETS = 3;
const BYTES = 4;
export const HOST_ANSWERED = 5;
export const HOST_LOST = 6;
export const HOST_DROPPED = 7;

/** Makes the memory of statistics, all 0. One thread writes it at a time, and any thread reads it. */
export function createNetworkStatistics(): SharedArrayBuffer {
  return new SharedArrayBuffer((HEADER_FLOATS + MOST_HOSTS * ENTRY_FLOATS) * Float64Array.BYTES_PER_ELEMENT);
}

/** Reads the statistics as they are now. Each number is consistent in itself, but they may be a packet apart. */
export function readNetworkStatistics(memory: SharedArrayBuffer): NetworkStatistics {
  const floats = new Float64Array(memory);
  const words = new Int32Array(memory);
  const totals = Object.fromEntries(
    TOTALS.map((name) => [name, floats[TOTAL[name]]]),
  ) as unknown as NetworkTotals;
  const hosts: HostTotals[] = [];
  for (let entry = 0; entry < MOST_HOSTS; entry++) {
    const host = readHost(floats, words, HEADER_FLOATS + entry * ENTRY_FLOATS);
    if (host !== undefined) hosts.push(host);
  }
  return { totals, hosts, forgotten: floats[FORGOTTEN] };
}

/** Reads one entry; `undefined` if it is free, or gets another address meanwhile. */
function readHost(floats: Float64Array, words: Int32Array, at: number): HostTotals | undefined {
  const word = 2 * at;
  const generation = Atomics.load(words, word + GENERATION);
  const family = words[word + FAMILY];
  if (family !== 4 && family !== 6 || generation % 2 !== 0) return undefined;
  const bytes = new Uint8Array(words.slice(word + ADDRESS, word + ADDRESS + (family === 4 ? 1 : 4)).buffer);
  const host = {
    address: { family, bytes } as const,
    packets: floats[at + PACKETS],
    bytes: floats[at + BYTES],
    answered: floats[at + HOST_ANSWERED],
    lost: floats[at + HOST_LOST],
    dropped: floats[at + HOST_DROPPED],
  };
  return Atomics.load(words, word + GENERATION) === generation ? host : undefined;
}

/** The writing end of statistics, on the thread that reads the device. It allocates nothing. */
export class NetworkTally {
  /** See `TOTAL` and the `HOST_` constants. */
  readonly floats: Float64Array;
  readonly #words: Int32Array;

  /** @param memory Made by `createNetworkStatistics()`. */
  constructor(memory: SharedArrayBuffer) {
    this.floats = new Float64Array(memory);
    this.#words = new Int32Array(memory);
  }

  /**
   * Counts a packet of `size` bytes to the address at word `at` of `packet`. Returns the index of the address's floats, to
   * which the `HOST_` constants are added. It is valid until the next call.
   */
  count(packet: Int32Array, at: number, family: 4 | 6, size: number): number {
    const entry = this.#entryOf(packet, at, family);
    this.floats[entry + PACKETS]++;
    this.floats[entry + BYTES] += size;
    return entry;
  }

  #entryOf(packet: Int32Array, at: number, family: 4 | 6): number {
    const words = this.#words;
    const length = family === 4 ? 1 : 4;
    let hash: number = family;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ packet[at + i], 0x85eb_ca6b) ^ hash >>> 15;
    hash = Math.imul(hash ^ hash >>> 13, 0x9e37_79b1);
    const first = HEADER_FLOATS + ENTRY_FLOATS * SET_ENTRIES * (hash >>> 32 - SET_BITS);
    let least = first;
    for (let entry = first; entry < first + SET_ENTRIES * ENTRY_FLOATS; entry += ENTRY_FLOATS) {
      if (words[2 * entry + FAMILY] === family && this.#hasAddress(entry, packet, at, length)) return entry;
      // A free entry has no packets.
      if (this.floats[entry + PACKETS] < this.floats[least + PACKETS]) least = entry;
    }
    this.#replace(least, packet, at, family, length);
    return least;
  }

  #hasAddress(entry: number, packet: Int32Array, at: number, length: number): boolean {
    for (let i = 0; i < length; i++) {
      if (this.#words[2 * entry + ADDRESS + i] !== packet[at + i]) return false;
    }
    return true;
  }

  #replace(entry: number, packet: Int32Array, at: number, family: 4 | 6, length: number): void {
    const words = this.#words;
    const word = 2 * entry;
    if (words[word + FAMILY] !== 0) this.floats[FORGOTTEN]++;
    Atomics.add(words, word + GENERATION, 1);
    words[word + FAMILY] = family;
    for (let i = 0; i < length; i++) words[word + ADDRESS + i] = packet[at + i];
    for (let i = PACKETS; i <= HOST_DROPPED; i++) this.floats[entry + i] = 0;
    Atomics.add(words, word + GENERATION, 1);
  }
}
