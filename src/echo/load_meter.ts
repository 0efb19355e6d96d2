/** Traffic from which on it pays to ask the ring again before waiting, as wireguard-go found for Wintun. */
const HIGH_BYTES_PER_SECOND = 100_000_000;

/** The rate is judged over windows of this length. */
const WINDOW_MS = 500;

/**
 * The clock is asked again after so many bytes, 10 ms of high traffic, or so many questions: it costs as much as a few
 * packets.
 */
const LOOK_BYTES = 1_000_000;
const LOOK_QUESTIONS = 64;

/** Tells whether traffic is high, so that a thread spins only when it is about to be needed again. */
export class LoadMeter {
  readonly #now: () => number;
  #windowStartMs: number;
  #windowStartBytes = 0;
  #lookedAtBytes = 0;
  #questions = 0;
  #high = false;

  /** @param now A clock that never goes back, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#windowStartMs = now();
  }

  /**
   * Whether the last full window was one of high traffic, as far as has been looked.
   * @param totalBytes What has been received since the beginning.
   */
  isHigh(totalBytes: number): boolean {
    if (totalBytes - this.#lookedAtBytes < LOOK_BYTES && ++this.#questions < LOOK_QUESTIONS) {
      return this.#high;
    }
    this.#lookedAtBytes = totalBytes;
    this.#questions = 0;
    const elapsedMs = this.#now() - this.#windowStartMs;
    if (elapsedMs >= WINDOW_MS) {
      this.#high = (totalBytes - this.#windowStartBytes) * 1000 >= HIGH_BYTES_PER_SECOND * elapsedMs;
      this.#windowStartMs += elapsedMs;
      this.#windowStartBytes = totalBytes;
    }
    return this.#high;
  }
}
