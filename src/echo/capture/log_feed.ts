import type { Amount, TapFeed } from "./drain.ts";
import type { TappedPacket } from "./tap.ts";
import type { TapReader } from "./tap_reader.ts";

/** The most bytes that are taken at once. */
const TAKEN_BYTES = 8 * 1024;
/**
 * Lines are made one by one, on the thread that also writes the capture. After this time, signals, timers and the capture
 * get a turn. A capture can wait much longer, also while V8 has not compiled the code that makes the lines.
 */
const TURN_MS = 2;

// The rest of a log that cannot keep up. It is short the first time, and doubles each time that this happens again soon.
const SHORTEST_REST_MS = 10;
const LONGEST_REST_MS = 160;
/** After this number of bytes of records without a missed packet, the log keeps up again, and its next rest is short. */
const STEADY_BYTES = 4 * 1024 * 1024;

/** A log of packets. */
export interface PacketLog {
  /** Whether the lines are read so slowly that no more should be made. */
  readonly isBehind: boolean;
  /** Adds the line of a packet. */
  add(packet: TappedPacket): void;
}

/**
 * Adds the packets of a tap to a log. A line costs more processor time than the echo and the capture of its packet
 * together. So a log that cannot keep up makes lines for a moment, rests, and leaves out the packets that came during the
 * rest. A log that keeps up has every packet.
 */
export class LogFeed implements TapFeed {
  readonly #tap: TapReader;
  readonly #log: PacketLog;
  readonly #now: () => number;
  readonly #pause: (ms: number) => Promise<void>;
  #written = 0;
  /** The number of packets that were taken and not added to the log. */
  #leftOut = 0;
  /** `#tap.missed` after the last rest. */
  #missedBefore = 0;
  #restMs = SHORTEST_REST_MS;
  #bytesSinceRest = 0;

  /**
   * @param now A clock that never goes back, in milliseconds.
   * @param pause Resolves after that number of milliseconds.
   */
  constructor(tap: TapReader, log: PacketLog, now: () => number, pause = timeout) {
    this.#tap = tap;
    this.#log = log;
    this.#now = now;
    this.#pause = pause;
  }

  /** The number of packets in the log. */
  get written(): number {
    return this.#written;
  }

  /** The number of packets that the log lacks: those that found the tap full, and those that were left out. */
  get missed(): number {
    return this.#tap.missed + this.#leftOut;
  }

  async take(isLast: boolean): Promise<Amount> {
    if (this.#log.isBehind) {
      // While nobody reads the lines, the tap is left full: a packet that finds no room costs least.
      if (isLast) this.#leaveOut();
      return "nothing";
    }
    const written = this.#written;
    const isEmpty = this.#makeLines();
    if (this.#tap.missed > this.#missedBefore && !isLast) await this.#rest();
    if (isEmpty) return this.#written === written ? "nothing" : "little";
    await this.#pause(0);
    return "much";
  }

  /** Makes lines for one turn. Returns whether the tap was emptied. */
  #makeLines(): boolean {
    const end = this.#now() + TURN_MS;
    do {
      const blocks = this.#tap.take(TAKEN_BYTES, (packet) => this.#log.add(packet));
      if (blocks === undefined) return true;
      this.#written += this.#tap.takenPackets;
      this.#tap.release();
      this.#bytesSinceRest += blocks.length;
    } while (this.#now() < end);
    return false;
  }

  /** Rests, and leaves out the packets that came meanwhile. */
  async #rest(): Promise<void> {
    if (this.#bytesSinceRest > STEADY_BYTES) this.#restMs = SHORTEST_REST_MS;
    await this.#pause(this.#restMs);
    this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST_MS);
    this.#bytesSinceRest = 0;
    this.#leaveOut();
    this.#missedBefore = this.#tap.missed;
  }

  /** Empties the tap without adding its packets to the log. */
  #leaveOut(): void {
    while (this.#tap.take(Infinity) !== undefined) {
      this.#leftOut += this.#tap.takenPackets;
      this.#tap.release();
    }
  }
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
