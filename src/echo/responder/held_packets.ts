/** The memory for held packets, in bytes: enough for eight of the largest datagrams. */
const CAPACITY_BYTES = 512 * 1024;
const CAPACITY_WORDS = CAPACITY_BYTES >> 2;

// A record in that memory: five words, then the packet.
/** The length of the record in words. 0 means that the next record is at the start of the memory. */
const RECORD_WORDS = 0;
/** The length of the packet in bytes. 0 means that it was taken or given up. */
const PACKET_BYTES = 1;
const QUEUE = 2;
/** The next record of the queue, or -1. */
const NEXT = 3;
const SORT_KEY = 4;
const HEADER_WORDS = 5;

/**
 * The highest number of packets in one queue: enough for the largest datagram in fragments of 576 bytes, and few enough
 * to be sorted in microseconds.
 */
const LONGEST_QUEUE = 128;

/**
 * Holds packets in queues, which are numbered from 0. The memory is made once. When there is no room for another packet,
 * the oldest packets of all queues are given up.
 */
export interface HeldPackets {
  /** The memory that holds the packets. */
  readonly memory: Uint8Array<ArrayBuffer>;
  /** The number of packets that are held. */
  readonly count: number;
  /** The number of packets that have been given up since the start. */
  readonly givenUp: number;
  /** Copies the packet of `size` bytes at word `at` to the end of a queue, or gives it up if the queue is full. */
  add(queue: number, at: number, size: number, sortKey: number): void;
  /** Returns whether a queue holds no packet. */
  isEmpty(queue: number): boolean;
  /**
   * Takes the packet with the lowest sort key out of a queue. Returns its byte index in `memory`, valid until the next
   * `add()`, or -1 if the queue is empty.
   */
  take(queue: number): number;
  /** The length in bytes of the packet that was taken last. */
  readonly takenSize: number;
  /** Gives up all packets of a queue. */
  clear(queue: number): void;
}

/**
 * Makes empty queues.
 *
 * @param words The memory that packets are copied from, as 32-bit words.
 * @param queues The number of queues.
 */
export function createHeldPackets(words: Int32Array, queues: number): HeldPackets {
  const memory = new Uint8Array(new ArrayBuffer(CAPACITY_BYTES));
  const held = new Int32Array(memory.buffer);
  const first = new Int32Array(queues).fill(-1);
  const last = new Int32Array(queues).fill(-1);
  const lengths = new Int32Array(queues);
  // A ring: the records lie one behind the other from `oldest` to `end`.
  let oldest = 0, end = 0, usedWords = 0;
  let count = 0, givenUp = 0, takenSize = 0;

  /** Removes a record from its queue. `before` is the record before it in the queue, or -1. */
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

  /** Frees the oldest record. If its packet is still held, it is the first of its queue: queues are in order of time. */
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

  /** Makes room for a record of `length` words in one piece, and returns its word index. */
  const reserve = (length: number): number => {
    const left = CAPACITY_WORDS - end;
    if (left < length) {
      // The record does not fit before the end of the memory. The words that are left there count as used.
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
