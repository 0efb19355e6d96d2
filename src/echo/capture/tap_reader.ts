import {
  BLOCK_LENGTH_WORD,
  CAPTURED_LENGTH_WORD,
  ORIGINAL_LENGTH_WORD,
  PACKET_OFFSET,
  setPacketTime,
  TIMESTAMP_WORD,
} from "../../wire/pcapng.ts";
import {
  FILETIME_WORD,
  HEAD_WORD,
  isOutbound,
  KIND_WORD,
  MISSED_FLOAT,
  RECORDS_START,
  TAIL_WORD,
  type TappedPacket,
  tapTotals,
  type TapVerdict,
  WRAP,
} from "./tap.ts";

/** By the kind of the record. */
const VERDICTS: readonly TapVerdict[] = [
  "reply",
  "ignored",
  "malformed",
  "dropped",
  "reply",
  "held",
  "lost",
  "request",
  "answer",
];

// 1970-01-01 UTC as nanoseconds since 1601, in halves of 32 bits.
const UNIX_EPOCH_NS = 11_644_473_600_000_000_000n;
const EPOCH_HIGH = Number(UNIX_EPOCH_NS >> 32n);
const EPOCH_LOW = Number(UNIX_EPOCH_NS & 0xFFFF_FFFFn);
const TWO_TO_32 = 0x1_0000_0000;

/** The reading end of a tap, on any one thread. */
export class TapReader {
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #totals: Float64Array;
  #head = RECORDS_START;
  #takenPackets = 0;

  /** @param memory Made by `createTapMemory()`, and not read before. */
  constructor(memory: SharedArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#words = new Int32Array(memory);
    this.#totals = tapTotals(memory);
  }

  /** The number of packets that found no room in the tap until now. */
  get missed(): number {
    return this.#totals[MISSED_FLOAT];
  }

  /** The number of packets that the last `take()` returned. */
  get takenPackets(): number {
    return this.#takenPackets;
  }

  /**
   * Takes the oldest packets: as many as lie in one piece and fit into `limitBytes`, but at least one. Returns whole
   * enhanced packet blocks, which the caller may read until `release()`, or `undefined` if the tap is empty.
   *
   * @param visit Is called with each packet.
   */
  take(limitBytes: number, visit?: (packet: TappedPacket) => void): Uint8Array | undefined {
    const words = this.#words;
    const tail = Atomics.load(words, TAIL_WORD);
    if (this.#head === tail) return undefined;
    if (words[this.#head >> 2] === WRAP) this.#head = RECORDS_START;
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

  /** Releases the room of all taken packets to the writer. */
  release(): void {
    Atomics.store(this.#words, HEAD_WORD, this.#head);
  }

  /** Turns the record at byte `at` into the block that it is in a capture, and returns its kind. */
  #finish(at: number): number {
    const words = this.#words;
    const word = at >> 2;
    const kind = words[word + KIND_WORD];
    words[word + KIND_WORD] = 0;
    // Times 100, minus the epoch. 64-bit arithmetic in two halves, because a bigint would be a heap object.
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
      direction: isOutbound(kind) ? "out" : "in",
      verdict: VERDICTS[kind],
      length: this.#words[word + ORIGINAL_LENGTH_WORD],
      bytes: this.#bytes.subarray(data, data + this.#words[word + CAPTURED_LENGTH_WORD]),
    };
  }
}
