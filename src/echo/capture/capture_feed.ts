import type { Capture } from "./capture.ts";
import type { Amount, TapFeed } from "./drain.ts";
import type { TapReader } from "./tap_reader.ts";

/** The most bytes that are taken at once: enough to be worth a write, and a fraction of the tap. */
const TAKEN_BYTES = 2 * 1024 * 1024;
const MUCH_BYTES = TAKEN_BYTES / 4;

/** Writes the packets of a tap into a capture. */
export class CaptureFeed implements TapFeed {
  readonly #tap: TapReader;
  readonly #capture: Capture;

  constructor(tap: TapReader, capture: Capture) {
    this.#tap = tap;
    this.#capture = capture;
  }

  async take(isLast: boolean): Promise<Amount> {
    // If the capture has stopped, the tap is left full: a packet that finds no room costs the echo least.
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
