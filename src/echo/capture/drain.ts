import type { Capture } from "./capture.ts";
import type { TappedPacket, TapReader } from "./tap.ts";

/** How long an empty tap is left alone: short after packets came, longer the longer none come. */
const SHORTEST_PAUSE_MS = 3;
const LONGEST_PAUSE_MS = 20;

/** Taken at once for a capture: enough to be worth a write, and a fraction of the tap. */
const CAPTURE_BYTES = 2 * 1024 * 1024;
/** Taken at once for a log, whose lines are written one by one on this thread: some milliseconds of work. */
const LOG_BYTES = 64 * 1024;
/** After less than this part of it, more is left to gather: a round of this thread costs as much as many packets. */
const WORTHWHILE_PART = 1 / 4;

/** Empties a tap until it is stopped: shows the packets to a log, and gives them to a capture. */
export class TapDrain {
  /** Resolves when the tap is empty after `stop()`. Rejects with what the log throws. */
  readonly done: Promise<void>;
  readonly #tap: TapReader;
  readonly #visit: ((packet: TappedPacket) => void) | undefined;
  readonly #capture: Capture | undefined;
  #isStopping = false;
  #endPause = (): void => {};

  constructor(tap: TapReader, visit: ((packet: TappedPacket) => void) | undefined, capture?: Capture) {
    this.#tap = tap;
    this.#visit = visit;
    this.#capture = capture;
    this.done = this.#run();
    // Whoever stops it hears of it then.
    this.done.catch(() => {});
  }

  /** Takes what is left, when nothing is tapped any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#endPause();
    await this.done;
  }

  async #run(): Promise<void> {
    const limitBytes = this.#visit === undefined ? CAPTURE_BYTES : LOG_BYTES;
    let pauseMs = SHORTEST_PAUSE_MS;
    for (;;) {
      const isLast = this.#isStopping;
      // A capture that has stopped needs nothing: what finds the tap full costs the echo least.
      const isIdle = this.#visit === undefined && !this.#capture?.isGoing && !isLast;
      const blocks = isIdle ? undefined : this.#tap.take(limitBytes, this.#visit);
      if (blocks === undefined) {
        if (isLast) return;
        await this.#capture?.rotateIfOld();
        await this.#pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        continue;
      }
      await this.#capture?.write(blocks, this.#tap.takenPackets);
      this.#tap.release();
      pauseMs = SHORTEST_PAUSE_MS;
      if (blocks.length < limitBytes * WORTHWHILE_PART) await this.#pause(pauseMs);
      // Signals and timers come first.
      else if (this.#visit !== undefined) await this.#pause(0);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#isStopping ? 0 : ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
