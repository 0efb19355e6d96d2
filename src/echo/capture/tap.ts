import type { PacketCopier, Packets } from "../../wintun/device.ts";
import {
  BLOCK_LENGTH_WORD,
  CAPTURED_LENGTH_WORD,
  encodeComment,
  enhancedPacketLength,
  INBOUND,
  INTERFACE_WORD,
  ORIGINAL_LENGTH_WORD,
  OUTBOUND,
  PACKET_OFFSET,
  setPacketDirection,
  setPacketTime,
  TIMESTAMP_WORD,
  writeEnhancedPacketFrame,
} from "../../wire/pcapng.ts";

/** A tap as its writer needs it. */
export interface Tap {
  /** Of `createTapMemory`. */
  readonly memory: SharedArrayBuffer;
  /** How many bytes of each packet are kept. */
  readonly snapLength: number;
}

/** Which way a tapped packet went. */
export type Direction = "in" | "out";

/** What echo did with a received packet. */
export type TapVerdict = "reply" | "ignored" | "malformed" | "dropped" | "held";

/** One packet as the log sees it. */
export interface TappedPacket {
  /** Nanoseconds since 1970-01-01 UTC, in steps of 100. */
  readonly timeNs: bigint;
  readonly direction: Direction;
  /** Of a sent reply: `reply`. */
  readonly verdict: TapVerdict;
  /** Size of the whole packet in bytes. */
  readonly length: number;
  /** The packet, cut at the snap length. Valid during the visit only. */
  readonly bytes: Uint8Array;
}

// Kinds of records: verdict and direction in one number.
export const IN_REPLY = 0;
export const IN_IGNORED = 1;
export const IN_MALFORMED = 2;
export const IN_DROPPED = 3;
export const OUT_REPLY = 4;
export const IN_HELD = 5;
const VERDICTS: readonly TapVerdict[] = ["reply", "ignored", "malformed", "dropped", "reply", "held"];

/*
 * A tap is a ring of enhanced packet blocks, as a capture has them: a capture writes them to its file straight from
 * here, because one more copy of every packet would cost more than all the rest. Two fields of a block hold something
 * else until the reader takes it. (Host byte order: both ends are threads of one process.)
 */
/** Holds the kind of the record, until it holds the number of the interface. */
const KIND_WORD = INTERFACE_WORD;
/** Holds a FILETIME (100 ns since 1601-01-01 UTC, low half first), until it holds nanoseconds since 1970. */
const FILETIME_WORD = TIMESTAMP_WORD;

/** In the place of a block's type: the next record is at the start. */
const WRAP = 0;
/** Room that is always left after a record, for a WRAP. */
const WRAP_BYTES = 4;

/** 1970-01-01 UTC as nanoseconds since 1601, in halves of 32 bits. */
const UNIX_EPOCH_NS = 11_644_473_600_000_000_000n;
const EPOCH_HIGH = Number(UNIX_EPOCH_NS >> 32n);
const EPOCH_LOW = Number(UNIX_EPOCH_NS & 0xFFFF_FFFFn);
const TWO_TO_32 = 0x1_0000_0000;

// The memory: the reader's position; a cache line away what the writer says, its position and a count; the records.
const HEAD_WORD = 0;
const TAIL_WORD = 16;
/** A 64-bit float, as in counters.ts: how many packets found no room since the tap was made. */
const MISSED_FLOAT = 9;
const START = 128;
const HEADER_FLOATS = START / Float64Array.BYTES_PER_ELEMENT;

const NOTHING_REFUSED = 0x1_0000;

/** The reader hears of so many records at once: an atomic store for each would cost as much as copying a small packet. */
const RECORDS_PER_FLUSH = 64;

const GAP = encodeComment("Packets before this one are missing: they came faster than they were written.");

/** The memory of a tap: a ring that one thread writes and one other reads. Writers may follow one another. */
export function createTapMemory(capacityBytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(START + Math.ceil(capacityBytes / 4) * 4);
  const words = new Int32Array(memory);
  words[HEAD_WORD] = START;
  words[TAIL_WORD] = START;
  return memory;
}

/**
 * The writing end, on the thread that reads the device. Never blocks: a packet that finds no room is not recorded. The
 * next one that finds some says how many are missing before it. `flush()` before every wait, or the reader may not hear
 * of the last records.
 */
export class TapWriter {
  /** Kept, because the copier only knows where it lies. */
  readonly #bytes: Uint8Array;
  readonly #copier: PacketCopier;
  readonly #size: number;
  readonly #words: Int32Array;
  readonly #snapLength: number;
  #head: number;
  #tail: number;
  #next: number;
  readonly #totals: Float64Array;
  /** Packets that found no room since the last record. */
  #missed = 0;
  /** FILETIME of the last record. */
  #timeLow = 0;
  #timeHigh = 0;
  /** Records that the reader has not heard of. */
  #unflushed = 0;
  /** Bytes to keep of the packet that found no room last; as many find none until the reader gives some back. */
  #refused = NOTHING_REFUSED;

  /** @param snapLength How many bytes of each packet are kept. */
  constructor(packets: Packets, memory: SharedArrayBuffer, snapLength: number) {
    this.#bytes = new Uint8Array(memory);
    this.#copier = packets.copierTo(this.#bytes);
    this.#size = memory.byteLength;
    this.#words = new Int32Array(memory);
    this.#totals = new Float64Array(memory, 0, HEADER_FLOATS);
    this.#snapLength = snapLength;
    this.#head = Atomics.load(this.#words, HEAD_WORD);
    this.#tail = this.#next = Atomics.load(this.#words, TAIL_WORD);
  }

  /**
   * Starts a record of the packet of `length` bytes at `offset` of the device, as it is now. Returns the record for
   * `commit`, or -1 when there is no room. A record that is not committed never was.
   *
   * @param asBefore Gives it the time of the record before.
   * @param memory What the packet lies in, at `offset`, if it is not the device's memory.
   */
  begin(offset: number, length: number, asBefore = false, memory?: Uint8Array): number {
    const captured = length < this.#snapLength ? length : this.#snapLength;
    // A plain read is enough to see that nothing has changed, and costs less.
    if (captured >= this.#refused && this.#words[HEAD_WORD] === this.#head) return this.#miss();
    const missed = this.#missed;
    const gap = missed > 0 ? GAP : undefined;
    const at = this.#reserve(enhancedPacketLength(captured, missed, gap));
    if (at < 0) {
      this.#refused = captured;
      this.flush();
      return this.#miss();
    }
    this.#refused = NOTHING_REFUSED;
    this.#next = at + writeEnhancedPacketFrame(this.#words, at, captured, length, missed, gap);
    this.#stamp(at, asBefore);
    if (memory === undefined) this.#copier.copy(offset, captured, at + PACKET_OFFSET);
    else this.#bytes.set(memory.subarray(offset, offset + captured), at + PACKET_OFFSET);
    return at;
  }

  /** Completes a record, as one of the kinds above. */
  commit(record: number, kind: number): void {
    this.#words[(record >> 2) + KIND_WORD] = kind;
    setPacketDirection(this.#words, this.#next, kind === OUT_REPLY ? OUTBOUND : INBOUND);
    this.#missed = 0;
    this.#tail = this.#next;
    if (++this.#unflushed === RECORDS_PER_FLUSH) this.flush();
  }

  /** Shows the reader what was committed. */
  flush(): void {
    if (this.#unflushed === 0) return;
    this.#unflushed = 0;
    Atomics.store(this.#words, TAIL_WORD, this.#tail);
  }

  #miss(): number {
    this.#missed++;
    this.#totals[MISSED_FLOAT]++;
    return -1;
  }

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

  /** Finds `size` bytes in one piece, after the tail or at the start; -1 when the reader is too far behind. */
  #reserve(size: number): number {
    const at = this.#fit(size);
    if (at >= 0) return at;
    this.#head = Atomics.load(this.#words, HEAD_WORD);
    return this.#fit(size);
  }

  #fit(size: number): number {
    const tail = this.#tail;
    if (tail < this.#head) return this.#head - tail > size + WRAP_BYTES ? tail : -1;
    if (this.#size - tail >= size + WRAP_BYTES) return tail;
    // The tail may not reach the head: equal positions mean that there is nothing to read.
    if (this.#head - START <= size + WRAP_BYTES) return -1;
    this.#words[tail >> 2] = WRAP;
    return START;
  }
}

/** The reading end. */
export class TapReader {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #totals: Float64Array;
  #head = START;
  #takenPackets = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.#totals = new Float64Array(memory, 0, HEADER_FLOATS);
  }

  /** How many packets found no room in the tap until now. */
  get missed(): number {
    return this.#totals[MISSED_FLOAT];
  }

  /** How many packets the last `take()` gave. */
  get takenPackets(): number {
    return this.#takenPackets;
  }

  /**
   * Takes the oldest packets, as many as lie in one piece and in `limitBytes`, but at least one: whole enhanced packet
   * blocks for a capture, which are the caller's until `release()`. `undefined` when there is none.
   *
   * @param visit is shown each of them.
   */
  take(limitBytes: number, visit?: (packet: TappedPacket) => void): Uint8Array | undefined {
    const words = this.#words;
    const tail = Atomics.load(words, TAIL_WORD);
    if (this.#head === tail) return undefined;
    if (words[this.#head >> 2] === WRAP) this.#head = START;
    const start = this.#head;
    let at = start;
    this.#takenPackets = 0;
    while (at !== tail && words[at >> 2] !== WRAP) {
      const end = at + words[(at >> 2) + BLOCK_LENGTH_WORD];
      if (end - start > limitBytes && at !== start) break;
      const kind = this.#finish(at);
      if (visit !== undefined) visit(this.#packetAt(at, kind));
      at = end;
      this.#takenPackets++;
    }
    this.#head = at;
    return this.#bytes.subarray(start, at);
  }

  /** Gives the room of all that was taken back to the writer. */
  release(): void {
    Atomics.store(this.#words, HEAD_WORD, this.#head);
  }

  /** Makes the record at byte `at` the block that it becomes in a capture, and gives its kind. */
  #finish(at: number): number {
    const words = this.#words;
    const word = at >> 2;
    const kind = words[word + KIND_WORD];
    words[word + KIND_WORD] = 0;
    // Times 100, minus the epoch: 64-bit arithmetic in two halves, as a bigint would be a heap object.
    const low100 = (words[word + FILETIME_WORD] >>> 0) * 100;
    const low = low100 % TWO_TO_32;
    const high = Math.imul(words[word + FILETIME_WORD + 1], 100) + (low100 - low) / TWO_TO_32;
    setPacketTime(words, at, high - EPOCH_HIGH - (low < EPOCH_LOW ? 1 : 0), low - EPOCH_LOW);
    return kind;
  }

  #packetAt(at: number, kind: number): TappedPacket {
    const word = at >> 2;
    const data = at + PACKET_OFFSET;
    const [high, low] = [
      this.#words[word + TIMESTAMP_WORD] >>> 0,
      this.#words[word + TIMESTAMP_WORD + 1] >>> 0,
    ];
    return {
      timeNs: BigInt(high) << 32n | BigInt(low),
      direction: kind === OUT_REPLY ? "out" : "in",
      verdict: VERDICTS[kind],
      length: this.#words[word + ORIGINAL_LENGTH_WORD],
      bytes: this.#bytes.subarray(data, data + this.#words[word + CAPTURED_LENGTH_WORD]),
    };
  }
}
