/** The most packets that wait at once. */
const MOST_PACKETS = 65_536;

// A record in the ring of packets: two words, then the packet.
/** The length of the record in words, as long as the packet waits; then the same with the sign changed. 0: go on at the start. */
const RECORD_WORDS = 0;
const PACKET_BYTES = 1;
const HEADER_WORDS = 2;

/**
 * Packets that wait to be sent, in the order of the times at which they are due; of those that are due at the same time,
 * the one that came first is first.
 *
 * The packets lie in a ring, in the order in which they came, and their times in a binary heap. All memory is made once.
 * Room is free again when all packets that came before have been sent too, so packets that wait long need a ring that has
 * room for all that come meanwhile.
 *
 * Times are microseconds of one clock. They are passed in arrays of one element, because V8 would make a heap object of
 * each fraction that is passed as a value.
 */
export interface DelayQueue {
  /** The number of packets that wait. */
  readonly count: number;
  /**
   * Makes room for a packet of `size` bytes, and returns its byte index in the memory, or -1 if there is no room. The
   * caller writes the packet there, and calls `add()`.
   */
  reserve(size: number): number;
  /** Adds the packet for which there is room now. It is due at `dueUs[0]`. @param mark 0 to 255, for the caller. */
  add(mark: number): void;
  readonly dueUs: Float64Array;
  /** When the first packet is due; `Infinity` if none waits. */
  readonly nextUs: number;
  /** Whether a packet is due at `nowUs[0]`. */
  hasDue(): boolean;
  /** Takes the first packet, and returns its byte index, valid until the next `reserve()`. One must wait. */
  take(): number;
  /** The size and the mark of the packet that was taken last. */
  readonly taken: { readonly size: number; readonly mark: number };
  /** When that packet was added. */
  readonly takenSinceUs: Float64Array;
}

/**
 * Makes an empty queue.
 *
 * @param memory Holds the packets. It is aligned to 4 bytes.
 * @param start The byte index from which on the queue may use the memory, a multiple of 4.
 * @param nowUs One element: the time now.
 */
export function createDelayQueue(memory: Uint8Array, start: number, nowUs: Float64Array): DelayQueue {
  const words = new Int32Array(memory.buffer, memory.byteOffset + start, memory.byteLength - start >> 2);
  // The ring: records lie from `oldest` to `end`. One word stays free, so that equal positions mean that it is empty.
  let oldest = 0, end = 0;
  let reserved = 0;

  // By slot: a packet's time, its place in the order of arrival, when it came, its record and its mark.
  const due = new Float64Array(MOST_PACKETS);
  const order = new Float64Array(MOST_PACKETS);
  const since = new Float64Array(MOST_PACKETS);
  const record = new Int32Array(MOST_PACKETS);
  const mark = new Uint8Array(MOST_PACKETS);
  const freeSlots = Int32Array.from({ length: MOST_PACKETS }, (_, index) => index);
  const heap = new Int32Array(MOST_PACKETS);
  const arrivals = new Float64Array(1);
  const dueUs = new Float64Array(1);
  const takenSinceUs = new Float64Array(1);
  const taken = { size: 0, mark: 0 };
  let count = 0;

  const isBefore = (one: number, other: number): boolean =>
    due[one] < due[other] || due[one] === due[other] && order[one] < order[other];

  const rise = (from: number, slot: number): void => {
    let at = from;
    while (at > 0) {
      const parent = at - 1 >> 1;
      if (!isBefore(slot, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = slot;
  };

  const sink = (slot: number): void => {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], slot)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = slot;
  };

  /** Gives the room of the oldest records back whose packets have been taken. */
  const freeOldest = (): void => {
    while (oldest !== end) {
      const length = words[oldest + RECORD_WORDS];
      if (length > 0) return;
      oldest = length === 0 ? 0 : oldest - length;
      if (oldest === words.length) oldest = 0;
    }
    oldest = end = 0;
  };

  /** Returns the word index of `length` free words in one piece, or -1. */
  const fit = (length: number): number => {
    if (end < oldest) return oldest - end > length ? end : -1;
    if (words.length - end >= length && (oldest > 0 || words.length - end > length)) return end;
    if (oldest <= length) return -1;
    if (end < words.length) words[end + RECORD_WORDS] = 0;
    return 0;
  };

  return {
    dueUs,
    taken,
    takenSinceUs,
    get count(): number {
      return count;
    },
    get nextUs(): number {
      return count === 0 ? Infinity : due[heap[0]];
    },
    reserve(size: number): number {
      if (count === MOST_PACKETS) return -1;
      const length = HEADER_WORDS + (size + 3 >> 2);
      freeOldest();
      reserved = fit(length);
      if (reserved < 0) return -1;
      words[reserved + RECORD_WORDS] = length;
      words[reserved + PACKET_BYTES] = size;
      return start + (reserved + HEADER_WORDS << 2);
    },
    add(marked: number): void {
      end = reserved + words[reserved + RECORD_WORDS];
      if (end === words.length) end = 0;
      const slot = freeSlots[MOST_PACKETS - 1 - count];
      due[slot] = dueUs[0];
      order[slot] = arrivals[0]++;
      since[slot] = nowUs[0];
      record[slot] = reserved;
      mark[slot] = marked;
      rise(count++, slot);
    },
    hasDue: (): boolean => count > 0 && due[heap[0]] <= nowUs[0],
    take(): number {
      const slot = heap[0];
      freeSlots[MOST_PACKETS - count] = slot;
      count--;
      if (count > 0) sink(heap[count]);
      const at = record[slot];
      taken.size = words[at + PACKET_BYTES];
      taken.mark = mark[slot];
      takenSinceUs[0] = since[slot];
      words[at + RECORD_WORDS] = -words[at + RECORD_WORDS];
      return start + (at + HEADER_WORDS << 2);
    },
  };
}
