import type { Capture } from "./capture.ts";
import type { Amount, TapFeed } from "./drain.ts";
import type { TapReader } from "./tap.ts";

/** Taken at once: enough to be worth a write, and a fraction of the tap. */
const TAKEN_BYTES = 2 * 1024 * 1024;
const MUCH_BYTES = TAKEN_BYTES / 4;

/** Gives the packets of a tap to a capture. */
export class CaptureFeed implements TapFeed {
  readonly #tap: TapReader;
  readonly #capture: Capture;

  constructor(tap: TapReader, capture: Capture) {
    this.#tap = tap;
    this.#capture = capture;
  }

  async take(isLast: boolean): Promise<Amount> {
    // A capture that has stopped needs nothing: packets that find the tap full cost the echo least.
    const blocks = this.#capture.isGoing || isLast ? this.#tap.take(TAKEN_BYTES) : undefined;
    if (blocks === undefined) {
      await this.#capture.rotateIfOld();
      return "nothing";
    }
    await this.#capture.write(blocks, this.#tap.takenPackets);
    this.#tap.release();
    return blocks.length < MUCH_BYTES ? "little" : "much";
  }
}
