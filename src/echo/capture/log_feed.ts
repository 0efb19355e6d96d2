import type { Amount, TapFeed } from "./drain.ts";
import type { TappedPacket, TapReader } from "./tap.ts";

/** Taken at once: its lines are made one by one on this thread, which takes some milliseconds. */
const TAKEN_BYTES = 64 * 1024;
const MUCH_BYTES = TAKEN_BYTES / 4;

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
  #written = 0;
  /** Packets that were taken and not shown to the log. */
  #leftOut = 0;
  /** Packets that had found the tap full when that was last looked at. */
  #missedBefore = 0;
  #restMs = SHORTEST_REST_MS;
  #bytesSinceRest = 0;

  constructor(tap: TapReader, log: PacketLog) {
    this.#tap = tap;
    this.#log = log;
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
    const blocks = this.#tap.take(TAKEN_BYTES, (packet) => this.#log.add(packet));
    if (blocks === undefined) return "nothing";
    this.#written += this.#tap.takenPackets;
    this.#tap.release();
    this.#bytesSinceRest += blocks.length;
    if (this.#bytesSinceRest > STEADY_BYTES) this.#restMs = SHORTEST_REST_MS;
    if (this.#tap.missed > this.#missedBefore && !isLast) await this.#rest();
    if (blocks.length < MUCH_BYTES) return "little";
    // Signals, timers and the capture come first.
    await pause(0);
    return "much";
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
