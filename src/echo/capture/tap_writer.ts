import type { PacketCopier, Packets } from "../../wintun/device.ts";
import {
  type Comment,
  encodeComment,
  enhancedPacketLength,
  INBOUND,
  OUTBOUND,
  PACKET_OFFSET,
  setPacketDirection,
  writeEnhancedPacketFrame,
  writeEnhancedPacketOptions,
} from "../../wire/pcapng.ts";
import {
  FILETIME_WORD,
  HEAD_WORD,
  isOutbound,
  KIND_WORD,
  MISSED_FLOAT,
  RECORDS_START,
  TAIL_WORD,
  tapTotals,
  WRAP,
} from "./tap.ts";

/** The room that is always left after a record, for a WRAP. */
const WRAP_BYTES = 4;

/** Higher than the size of any packet. */
const NOTHING_REFUSED = 0x1_0000;

/** The reader is notified after this many records: an atomic store for each would cost as much as copying a small packet. */
const RECORDS_PER_FLUSH = 64;

const GAP = encodeComment("Packets before this one are missing: they came faster than they were written.");

/**
 * The writing end of a tap, on the thread that reads the device. It never blocks: a packet that finds no room is not
 * recorded. The next record then holds the number of packets that are missing before it. The caller calls `flush()`
 * before every wait; otherwise the reader may not see the last records.
 */
export class TapWriter {
  /** Also keeps the memory alive for the copier. */
  readonly #bytes: Uint8Array;
  readonly #copier: PacketCopier;
  readonly #size: number;
  readonly #words: Int32Array;
  readonly #snapLength: number;
  readonly #commentBytes: number;
  #head: number;
  #tail: number;
  #next: number;
  readonly #totals: Float64Array;
  /** The number of packets that found no room since the last record. */
  #missed = 0;
  // The FILETIME of the last record.
  #timeLow = 0;
  #timeHigh = 0;
  /** The number of records that the reader cannot see yet. */
  #unflushed = 0;
  /** A packet with as many bytes to record, or more, finds no room until the reader releases some. */
  #refused = NOTHING_REFUSED;

  /**
   * @param packets The packets of the device.
   * @param memory Made by `createTapMemory()`.
   * @param snapLength The highest number of bytes of a packet that are recorded.
   * @param commentBytes The room for comments that `commit()` may get, in bytes (see commentLength() in pcapng.ts).
   */
  constructor(
    packets: Pick<Packets, "copierTo">,
    memory: SharedArrayBuffer,
    snapLength: number,
    commentBytes = 0,
  ) {
    this.#bytes = new Uint8Array(memory);
    this.#copier = packets.copierTo(this.#bytes);
    this.#size = memory.byteLength;
    this.#words = new Int32Array(memory);
    this.#totals = tapTotals(memory);
    this.#snapLength = snapLength;
    this.#commentBytes = commentBytes;
    this.#head = Atomics.load(this.#words, HEAD_WORD);
    this.#tail = this.#next = Atomics.load(this.#words, TAIL_WORD);
  }

  /**
   * Starts a record of the packet of `length` bytes at `offset` in the device's memory, as it is now. Returns the record
   * for `commit()`, or -1 if there is no room. The next `begin()` discards a record that was not committed.
   *
   * @param asBefore Whether the record gets the time of the record before, instead of the time now.
   * @param source The memory that holds the packet at `offset`, a multiple of 4, if that is not the device's memory.
   */
  begin(offset: number, length: number, asBefore = false, source?: Int32Array): number {
    const captured = length < this.#snapLength ? length : this.#snapLength;
    // A plain read is enough to see that the reader has released nothing, and costs less than an atomic one.
    if (captured >= this.#refused && this.#words[HEAD_WORD] === this.#head) return this.#miss();
    const missed = this.#missed;
    const gap = missed > 0 ? GAP : undefined;
    const at = this.#reserve(enhancedPacketLength(captured, missed, gap) + this.#commentBytes);
    if (at < 0) {
      this.#refused = captured;
      this.flush();
      return this.#miss();
    }
    this.#refused = NOTHING_REFUSED;
    this.#next = at + writeEnhancedPacketFrame(this.#words, at, captured, length, missed, gap);
    this.#stamp(at, asBefore);
    if (source === undefined) this.#copier.copy(offset, captured, at + PACKET_OFFSET);
    else this.#copyWords(source, offset, captured, at + PACKET_OFFSET);
    return at;
  }

  /**
   * Completes the record that was begun last. `kind` is one of the kinds of tap.ts.
   *
   * @param comment Is recorded with the packet.
   */
  commit(record: number, kind: number, comment?: Comment, second?: Comment): void {
    if (comment !== undefined) {
      const missed = this.#missed;
      const gap = missed > 0 ? GAP : undefined;
      this.#next = record + writeEnhancedPacketOptions(this.#words, record, missed, comment, second, gap);
    }
    this.#words[(record >> 2) + KIND_WORD] = kind;
    setPacketDirection(this.#words, this.#next, isOutbound(kind) ? OUTBOUND : INBOUND);
    this.#missed = 0;
    this.#tail = this.#next;
    if (++this.#unflushed === RECORDS_PER_FLUSH) this.flush();
  }

  /** Makes the committed records visible to the reader. */
  flush(): void {
    if (this.#unflushed === 0) return;
    this.#unflushed = 0;
    Atomics.store(this.#words, TAIL_WORD, this.#tail);
  }

  /** Copies `size` bytes between multiples of 4, without the view of the source that `set()` needs. */
  #copyWords(source: Int32Array, from: number, size: number, to: number): void {
    const whole = size >> 2;
    for (let i = 0; i < whole; i++) this.#words[(to >> 2) + i] = source[(from >> 2) + i];
    const rest = size & 3;
    // The bytes behind the packet are padding, which is zero.
    if (rest > 0) this.#words[(to >> 2) + whole] = source[(from >> 2) + whole] & (1 << 8 * rest) - 1;
  }

  /** Counts a packet that found no room, and returns -1. */
  #miss(): number {
    this.#missed++;
    this.#totals[MISSED_FLOAT]++;
    return -1;
  }

  /** Writes the time into the record at byte `at`. */
  #stamp(at: number, asBefore: boolean): void {
    const word = (at >> 2) + FILETIME_WORD;
    if (asBefore) {
      this.#words[word] = this.#timeLow;
      this.#words[word + 1] = this.#timeHigh;
    } else {
      this.#copier.stamp(4 * word);
      this.#timeLow = this.#words[word];
      this.#timeHigh = this.#words[word + 1];
    }
  }

  /** Returns the byte index of `size` free bytes in one piece, after the tail or at the start; -1 if there are none. */
  #reserve(size: number): number {
    const at = this.#fit(size);
    if (at >= 0) return at;
    this.#head = Atomics.load(this.#words, HEAD_WORD);
    return this.#fit(size);
  }

  /** The same, by the reader's position as it was read last. */
  #fit(size: number): number {
    const tail = this.#tail;
    if (tail < this.#head) return this.#head - tail > size + WRAP_BYTES ? tail : -1;
    if (this.#size - tail >= size + WRAP_BYTES) return tail;
    // The tail must not reach the head: equal positions mean that the tap is empty.
    if (this.#head - RECORDS_START <= size + WRAP_BYTES) return -1;
    this.#words[tail >> 2] = WRAP;
    return RECORDS_START;
  }
}
