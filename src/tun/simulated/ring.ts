/** Packets start at multiples of this. The free space is never less, so head equals tail only if the ring is empty. */
const ALIGNMENT = 4;
/** A 32-bit number before each packet: its size in bytes. */
const SIZE_BYTES = 4;
/** Largest packet, as in wintun.h (WINTUN_MAX_IP_PACKET_SIZE). */
export const MAX_PACKET_BYTES = 0xffff;
/** Memory behind the ring, so that a packet at the end is contiguous. */
const OVERHANG_BYTES = SIZE_BYTES + MAX_PACKET_BYTES + 1;
/** A bit that the reader sets in a record's size when it releases the record. Sizes use 16 bits only. */
const RELEASED = 1 << 31;

const HEAD = 0;
const TAIL = 1;
const RING_WORDS = 2;

/** `PacketRing.take()` returns this if there is no packet. */
export const RING_EMPTY = -1;
/** `PacketRing.take()` returns this if the next record is not one that a writer can have made. */
export const RING_CORRUPT = -2;

/** Returns how many bytes of shared memory a ring of `capacityBytes` needs. */
export function ringBytes(capacityBytes: number): number {
  return RING_WORDS * Int32Array.BYTES_PER_ELEMENT + capacityBytes + OVERHANG_BYTES;
}

/**
 * One end of a ring of packets in shared memory. The ring has one writer and one reader, on different threads.
 *
 * The records are those of Wintun's rings: a 32-bit size, the packet, padding to four bytes. Head (next to read) and
 * tail (next to write) are byte offsets that wrap at the capacity, a power of two. A packet at the end extends behind it.
 */
export class PacketRing {
  /** Size of the packet that the last successful `take()` returned. */
  takenSize = 0;
  readonly #words: Int32Array;
  readonly #headWord: number;
  readonly #tailWord: number;
  readonly #data: number;
  readonly #mask: number;
  /** Reader: the offset of the next record to take. The shared head follows when records are released. */
  #next = 0;
  /** Reader: the number of records that are taken and not yet released. */
  #held = 0;
  /** Writer: the bytes of the record that `reserve()` opened. */
  #reserved = 0;

  /**
   * @param memory Its bytes of the ring are zeros before the first packet.
   * @param offset Start of the ring in `memory`, in bytes: a multiple of 4.
   * @param capacityBytes A power of two.
   */
  constructor(memory: SharedArrayBuffer, offset: number, capacityBytes: number) {
    this.#words = new Int32Array(memory);
    this.#headWord = (offset >> 2) + HEAD;
    this.#tailWord = (offset >> 2) + TAIL;
    this.#data = offset + RING_WORDS * Int32Array.BYTES_PER_ELEMENT;
    this.#mask = capacityBytes - 1;
    this.#next = Atomics.load(this.#words, this.#headWord);
  }

  /** Writer: opens a record, which `publish()` completes. Returns the offset for its packet, or -1 if there is no room. */
  reserve(sizeBytes: number): number {
    const record = recordBytes(sizeBytes);
    const tail = Atomics.load(this.#words, this.#tailWord);
    const head = Atomics.load(this.#words, this.#headWord);
    if (record > ((head - tail - ALIGNMENT) & this.#mask)) return -1;
    this.#words[(this.#data + tail) >> 2] = sizeBytes;
    this.#reserved = record;
    return this.#data + tail + SIZE_BYTES;
  }

  /** Writer: lets the reader see the record that `reserve()` opened. */
  publish(): void {
    const tail = Atomics.load(this.#words, this.#tailWord);
    Atomics.store(this.#words, this.#tailWord, (tail + this.#reserved) & this.#mask);
  }

  /** Reader: takes the next packet and returns its offset, or `RING_EMPTY` or `RING_CORRUPT`. */
  take(): number {
    const tail = Atomics.load(this.#words, this.#tailWord);
    if (tail === this.#next) return RING_EMPTY;
    const size = this.#words[(this.#data + this.#next) >> 2];
    const record = recordBytes(size);
    if (size < 0 || size > MAX_PACKET_BYTES || record > ((tail - this.#next) & this.#mask)) {
      return RING_CORRUPT;
    }
    const offset = this.#data + this.#next + SIZE_BYTES;
    this.#next = (this.#next + record) & this.#mask;
    this.#held++;
    this.takenSize = size;
    return offset;
  }

  /** Reader: releases a taken packet. The writer can use its room when all packets before it are released too. */
  release(offset: number): void {
    this.#words[(offset - SIZE_BYTES) >> 2] |= RELEASED;
    let head = Atomics.load(this.#words, this.#headWord);
    while (this.#held > 0) {
      const size = this.#words[(this.#data + head) >> 2];
      if ((size & RELEASED) === 0) break;
      head = (head + recordBytes(size & ~RELEASED)) & this.#mask;
      this.#held--;
    }
    Atomics.store(this.#words, this.#headWord, head);
  }
}

function recordBytes(sizeBytes: number): number {
  return (SIZE_BYTES + sizeBytes + ALIGNMENT - 1) & -ALIGNMENT;
}
