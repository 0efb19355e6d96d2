/** The lowest rate at which it pays to poll the ring before a wait, as wireguard-go found for Wintun. */
const HIGH_BYTES_PER_SECOND = 100_000_000;

/** The length of the windows over which the rate is measured. */
const WINDOW_MS = 500;

// The clock is read again after this number of bytes (10 ms of high traffic) or calls, because reading it costs as much as a few
// packets.
const LOOK_BYTES = 1_000_000;
const LOOK_CALLS = 64;

/** Measures whether traffic is high, so that a thread spins only if the next packet is about to come. */
export class LoadMeter {
  readonly #now: () => number;
  #windowStartMs: number;
  #windowStartBytes = 0;
  #lookedAtBytes = 0;
  #calls = 0;
  #high = false;

  /** @param now A clock that never goes back, in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#windowStartMs = now();
  }

  /**
   * Returns whether traffic was high in the last full window. The result may be as old as the last reading of the clock.
   *
   * @param totalBytes The number of bytes received since the start.
   */
  isHigh(totalBytes: number): boolean {
    if (totalBytes - this.#lookedAtBytes < LOOK_BYTES && ++this.#calls < LOOK_CALLS) {
      return this.#high;
    }
    this.#lookedAtBytes = totalBytes;
    this.#calls = 0;
    const elapsedMs = this.#now() - this.#windowStartMs;
    if (elapsedMs >= WINDOW_MS) {
      this.#high = (totalBytes - this.#windowStartBytes) * 1000 >= HIGH_BYTES_PER_SECOND * elapsedMs;
      this.#windowStartMs += elapsedMs;
      this.#windowStartBytes = totalBytes;
    }
    return this.#high;
  }
}
