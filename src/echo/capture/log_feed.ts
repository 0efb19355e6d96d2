import type { Amount, TapFeed } from "./drain.ts";
import type { TappedPacket, TapReader } from "./tap.ts";

/** Taken at once. */
const TAKEN_BYTES = 8 * 1024;
/**
 * Lines are made on the thread that writes the capture, one by one. After so long signals, timers and the capture get
 * their turn: much less than a capture can wait, also while V8 has not compiled what makes the lines.
 */
const TURN_MS = 2;

/** How long a log rests that cannot keep up: short the first time, longer each time it happens again soon. */
const SHORTEST_REST_MS = 10;
const LONGEST_REST_MS = 160;
/** A log that has made lines of so much without a miss keeps up again. */
const STEADY_BYTES = 4 * 1024 * 1024;

/** A log of packets. */
export interface PacketLog {
  /** Whether its lines are read so slowly that no more should be made. */
  readonly isBehind: boolean;
  /** Adds the line of a packet. */
  add(packet: TappedPacket): void;
}

/**
 * Shows the packets of a tap to a log. A line costs more processor time than the echo and the capture of its packet
 * together. So a log that cannot keep up does not try to: it makes lines of what comes for a moment, rests, and leaves
 * out what came meanwhile. A log that keeps up has every packet.
 */
export class LogFeed implements TapFeed {
  readonly #tap: TapReader;
  readonly #log: PacketLog;
  readonly #now: () => number;
  #written = 0;
  /** Packets that were taken and not shown to the log. */
  #leftOut = 0;
  /** Packets that had found the tap full when that was last looked at. */
  #missedBefore = 0;
  #restMs = SHORTEST_REST_MS;
  #bytesSinceRest = 0;

  /** @param now a clock that never goes back, in milliseconds. */
  constructor(tap: TapReader, log: PacketLog, now: () => number) {
    this.#tap = tap;
    this.#log = log;
    this.#now = now;
  }

  /** How many packets the log has. */
  get written(): number {
    return this.#written;
  }

  /** How many packets the log lacks: those that found the tap full, and those that were left out. */
  get missed(): number {
    return this.#tap.missed + this.#leftOut;
  }

  async take(isLast: boolean): Promise<Amount> {
    if (this.#log.isBehind) {
      // While nobody reads, packets that find the tap full cost least.
      if (isLast) this.#leaveOut();
      return "nothing";
    }
    const written = this.#written;
    const isEmpty = this.#makeLines();
    if (this.#tap.missed > this.#missedBefore && !isLast) await this.#rest();
    if (isEmpty) return this.#written === written ? "nothing" : "little";
    await pause(0);
    return "much";
  }

  /** Makes lines for a turn. Returns whether the tap was emptied. */
  #makeLines(): boolean {
    const end = this.#now() + TURN_MS;
    do {
      const blocks = this.#tap.take(TAKEN_BYTES, (packet) => this.#log.add(packet));
      if (blocks === undefined) return true;
      this.#written += this.#tap.takenPackets;
      this.#tap.release();
      this.#bytesSinceRest += blocks.length;
    } while (this.#now() < end);
    if (this.#bytesSinceRest > STEADY_BYTES) this.#restMs = SHORTEST_REST_MS;
    return false;
  }

  async #rest(): Promise<void> {
    await pause(this.#restMs);
    this.#restMs = Math.min(2 * this.#restMs, LONGEST_REST_MS);
    this.#bytesSinceRest = 0;
    this.#leaveOut();
    this.#missedBefore = this.#tap.missed;
  }

  /** Empties the tap. */
  #leaveOut(): void {
    while (this.#tap.take(Infinity) !== undefined) {
      this.#leftOut += this.#tap.takenPackets;
      this.#tap.release();
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
