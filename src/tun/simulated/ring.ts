/** Packets start at multiples of this; the ring's free space never shrinks below it, so head equals tail only when empty. */
const ALIGNMENT = 4;
/** Each packet follows its size in bytes, a 32-bit number. */
const SIZE_BYTES = 4;
/** Largest packet, as in wintun.h (WINTUN_MAX_IP_PACKET_SIZE). */
export const MAX_PACKET_BYTES = 0xffff;
/** Room behind the ring, so that the last packet lies in one piece. */
const OVERHANG_BYTES = SIZE_BYTES + MAX_PACKET_BYTES + 1;
/** Set in a record's size once the reader is done with it; sizes need 16 bits. */
const RELEASED = 1 << 31;

const HEAD = 0;
const TAIL = 1;
const RING_WORDS = 2;

/** `PacketRing.take()`: there is no packet. */
export const RING_EMPTY = -1;
/** `PacketRing.take()`: a record cannot be what a writer put there. */
export const RING_CORRUPT = -2;

/** Bytes of shared memory that one ring of `capacityBytes` takes. */
export function ringBytes(capacityBytes: number): number {
  return RING_WORDS * Int32Array.BYTES_PER_ELEMENT + capacityBytes + OVERHANG_BYTES;
}

/**
 * One end of a ring of packets in shared memory, with one writer and one reader, each on a thread of its own.
 *
 * The records are those of Wintun's rings: a 32-bit size, the packet, padding to four bytes. Head (next to read) and
 * tail (next to write) are byte offsets that wrap at the capacity, a power of two; a packet at the end runs on behind it.
 */
export class PacketRing {
  /** Size of the packet that the last successful `take()` returned. */
  takenSize = 0;
  readonly #words: Int32Array;
  readonly #headWord: number;
  readonly #tailWord: number;
  readonly #data: number;
  readonly #mask: number;
  /** Reader: the next record to take; the shared head follows when records are released. */
  #next = 0;
  /** Reader: records taken and not yet given back. */
  #held = 0;
  /** Writer: bytes of the record that `reserve()` opened. */
  #reserved = 0;

  /** `offset` is where the ring starts in `memory`, a multiple of 4; its memory starts as zeros. */
  constructor(memory: SharedArrayBuffer, offset: number, capacityBytes: number) {
    this.#words = new Int32Array(memory);
    this.#headWord = (offset >> 2) + HEAD;
    this.#tailWord = (offset >> 2) + TAIL;
    this.#data = offset + RING_WORDS * Int32Array.BYTES_PER_ELEMENT;
    this.#mask = capacityBytes - 1;
    this.#next = Atomics.load(this.#words, this.#headWord);
  }

  /** Writer: opens a record and returns where its packet goes, or -1 while there is no room. `publish()` completes it. */
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

  /** Reader: the offset of the next packet, or `RING_EMPTY` or `RING_CORRUPT`. */
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

  /** Reader: gives a taken packet back. Its room is free again once all packets before it are given back. */
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
