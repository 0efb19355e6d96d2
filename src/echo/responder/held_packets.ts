/** How much memory packets that wait have, in bytes: eight of the largest datagrams. */
const CAPACITY_BYTES = 512 * 1024;
const CAPACITY_WORDS = CAPACITY_BYTES >> 2;

/** A record: its length in words (0: the next record is at the start), the packet's length in bytes (0: it waits no more), */
const RECORD_WORDS = 0;
const PACKET_BYTES = 1;
/** its queue, the next record of that queue (or -1), what it is sorted by; then the packet. */
const QUEUE = 2;
const NEXT = 3;
const SORT_KEY = 4;
const HEADER_WORDS = 5;

/**
 * Most packets in one queue: enough for the largest datagram in fragments of 576 bytes, and few enough to be sorted in
 * microseconds.
 */
const LONGEST_QUEUE = 128;

/**
 * Packets that wait, in a memory that is made once. They stand in queues, which have numbers from 0 on. When there is no
 * room for another one, the oldest of all are given up.
 */
export interface HeldPackets {
  /** What packets lie in. */
  readonly memory: Uint8Array<ArrayBuffer>;
  /** How many packets wait. */
  readonly count: number;
  /** How many packets have been given up, in all. */
  readonly givenUp: number;
  /** Copies the packet of `size` bytes that starts at word `at` to the end of a queue, or gives it up at once. */
  add(queue: number, at: number, size: number, sortKey: number): void;
  isEmpty(queue: number): boolean;
  /** Takes the packet with the lowest key out of a queue: where it lies in `memory` until the next `add()`, or -1. */
  take(queue: number): number;
  /** The length in bytes of the packet that was taken last. */
  readonly takenSize: number;
  /** Gives up all packets of a queue. */
  clear(queue: number): void;
}

/**
 * @param words the memory that packets come from, as 32-bit words.
 * @param queues how many queues there are.
 */
export function createHeldPackets(words: Int32Array, queues: number): HeldPackets {
  const memory = new Uint8Array(new ArrayBuffer(CAPACITY_BYTES));
  const held = new Int32Array(memory.buffer);
  const first = new Int32Array(queues).fill(-1);
  const last = new Int32Array(queues).fill(-1);
  const lengths = new Int32Array(queues);
  // Records lie one behind the other from `oldest` to `end`, around the end of the memory if that comes between.
  let oldest = 0, end = 0, usedWords = 0;
  let count = 0, givenUp = 0, takenSize = 0;

  /** Takes a record out of its queue; `before` is the one before it there, or -1. */
  const unlink = (record: number, before: number): void => {
    const queue = held[record + QUEUE];
    const next = held[record + NEXT];
    if (before < 0) first[queue] = next;
    else held[before + NEXT] = next;
    if (next < 0) last[queue] = before;
    lengths[queue]--;
    held[record + PACKET_BYTES] = 0;
    count--;
  };

  /** Frees the oldest record. One that still waits is the first of its queue, because queues are in order of time. */
  const freeOldest = (): void => {
    const length = held[oldest + RECORD_WORDS];
    if (length === 0) {
      usedWords -= CAPACITY_WORDS - oldest;
      oldest = 0;
      return;
    }
    if (held[oldest + PACKET_BYTES] !== 0) {
      unlink(oldest, -1);
      givenUp++;
    }
    usedWords -= length;
    oldest += length;
    if (oldest === CAPACITY_WORDS) oldest = 0;
  };

  /** Makes room for a record of so many words in one piece, and returns where it is. */
  const reserve = (length: number): number => {
    const left = CAPACITY_WORDS - end;
    if (left < length) {
      // Nothing fits before the end of the memory any more: what is left there becomes part of what is used.
      while (usedWords + left > CAPACITY_WORDS) freeOldest();
      held[end + RECORD_WORDS] = 0;
      usedWords += left;
      end = 0;
    }
    while (usedWords + length > CAPACITY_WORDS) freeOldest();
    const record = end;
    usedWords += length;
    end += length;
    if (end === CAPACITY_WORDS) end = 0;
    return record;
  };

  return {
    memory,
    get count(): number {
      return count;
    },
    get givenUp(): number {
      return givenUp;
    },
    get takenSize(): number {
      return takenSize;
    },
    add(queue: number, at: number, size: number, sortKey: number): void {
      if (lengths[queue] === LONGEST_QUEUE) {
        givenUp++;
        return;
      }
      const packetWords = size + 3 >> 2;
      const record = reserve(HEADER_WORDS + packetWords);
      held[record + RECORD_WORDS] = HEADER_WORDS + packetWords;
      held[record + PACKET_BYTES] = size;
      held[record + QUEUE] = queue;
      held[record + NEXT] = -1;
      held[record + SORT_KEY] = sortKey;
      for (let i = 0; i < packetWords; i++) held[record + HEADER_WORDS + i] = words[at + i];
      if (first[queue] < 0) first[queue] = record;
      else held[last[queue] + NEXT] = record;
      last[queue] = record;
      lengths[queue]++;
      count++;
    },
    isEmpty: (queue: number): boolean => first[queue] < 0,
    take(queue: number): number {
      let lowest = -1, beforeLowest = -1, before = -1;
      for (let record = first[queue]; record >= 0; record = held[record + NEXT]) {
        if (lowest < 0 || held[record + SORT_KEY] < held[lowest + SORT_KEY]) {
          lowest = record;
          beforeLowest = before;
        }
        before = record;
      }
      if (lowest < 0) return -1;
      takenSize = held[lowest + PACKET_BYTES];
      unlink(lowest, beforeLowest);
      return lowest + HEADER_WORDS << 2;
    },
    clear(queue: number): void {
      while (first[queue] >= 0) {
        unlink(first[queue], -1);
        givenUp++;
      }
    },
  };
}
