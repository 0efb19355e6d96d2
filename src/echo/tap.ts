import type { Device } from "../tun/device.ts";

/** Which way a tapped packet went. */
export type Direction = "in" | "out";

/** What echo did with a received packet. */
export type TapVerdict = "reply" | "ignored" | "malformed" | "dropped";

/** One packet as the log and the captures see it. */
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
const VERDICTS: readonly TapVerdict[] = ["reply", "ignored", "malformed", "dropped", "reply"];

// A record, 8-aligned: i32 bytes of the whole record (or WRAP: go on at the start), i32 packet length, i32 captured
// length, i32 kind, u64 FILETIME (100 ns since 1601-01-01 UTC), then the captured bytes. Host byte order: both ends are
// threads of one process.
const LENGTH_WORD = 1;
const CAPTURED_WORD = 2;
const KIND_WORD = 3;
const TIME_OFFSET = 16;
const DATA_OFFSET = 24;
const WRAP = -1;
/** Room that is always left after a record, for a WRAP. */
const WRAP_BYTES = 8;

/** FILETIME of 1970-01-01 UTC. */
const UNIX_EPOCH = 116_444_736_000_000_000n;

// The memory: the reader's position, the writer's position a cache line away, the records.
const HEAD_WORD = 0;
const TAIL_WORD = 16;
const START = 128;

/** The memory of a tap: a ring that one thread writes and one other reads. */
export function createTapMemory(capacityBytes: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(START + Math.ceil(capacityBytes / 8) * 8);
  const words = new Int32Array(memory);
  words[HEAD_WORD] = START;
  words[TAIL_WORD] = START;
  return memory;
}

/**
 * The writing end, on the thread that reads the device. Never blocks: a packet that finds no room is not recorded, and
 * the caller counts it.
 */
export class TapWriter {
  readonly #device: Device;
  readonly #size: number;
  readonly #words: Int32Array;
  readonly #snapLength: number;
  #head = START;
  #tail = START;
  #next = START;

  /** @param snapLength How many bytes of each packet are kept. */
  constructor(device: Device, memory: SharedArrayBuffer, snapLength: number) {
    device.copyTarget(new Uint8Array(memory));
    this.#device = device;
    this.#size = memory.byteLength;
    this.#words = new Int32Array(memory);
    this.#snapLength = snapLength;
  }

  /**
   * Starts a record of the packet of `length` bytes at `offset` of the device, as it is now. Returns the record for
   * `commit`, or -1 when there is no room. A record that is not committed never was.
   */
  begin(offset: number, length: number): number {
    const captured = length < this.#snapLength ? length : this.#snapLength;
    const recordBytes = (DATA_OFFSET + captured + 7) & ~7;
    const at = this.#reserve(recordBytes);
    if (at < 0) return -1;
    const word = at >> 2;
    this.#words[word] = recordBytes;
    this.#words[word + LENGTH_WORD] = length;
    this.#words[word + CAPTURED_WORD] = captured;
    this.#device.stampOut(at + TIME_OFFSET);
    this.#device.copyOut(offset, captured, at + DATA_OFFSET);
    this.#next = at + recordBytes;
    return at;
  }

  /** Shows a record to the reader, as one of the kinds above. */
  commit(record: number, kind: number): void {
    this.#words[(record >> 2) + KIND_WORD] = kind;
    this.#tail = this.#next;
    Atomics.store(this.#words, TAIL_WORD, this.#tail);
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
  readonly #times: BigUint64Array;
  #head = START;

  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.#times = new BigUint64Array(memory);
  }

  /** Visits the packets that are there, oldest first, and returns their number; at most `limit` of them. */
  read(visit: (packet: TappedPacket) => void, limit = Infinity): number {
    const tail = Atomics.load(this.#words, TAIL_WORD);
    let count = 0;
    while (this.#head !== tail && count < limit) {
      const recordBytes = this.#words[this.#head >> 2];
      if (recordBytes === WRAP) {
        this.#head = START;
        continue;
      }
      visit(this.#packetAt(this.#head));
      this.#head += recordBytes;
      count++;
      Atomics.store(this.#words, HEAD_WORD, this.#head);
    }
    return count;
  }

  #packetAt(at: number): TappedPacket {
    const word = at >> 2;
    const kind = this.#words[word + KIND_WORD];
    return {
      timeNs: (this.#times[(at + TIME_OFFSET) >> 3] - UNIX_EPOCH) * 100n,
      direction: kind === OUT_REPLY ? "out" : "in",
      verdict: VERDICTS[kind],
      length: this.#words[word + LENGTH_WORD],
      bytes: this.#bytes.subarray(at + DATA_OFFSET, at + DATA_OFFSET + this.#words[word + CAPTURED_WORD]),
    };
  }
}
