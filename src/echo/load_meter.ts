/** Traffic from which on it pays to ask the ring again before waiting, as wireguard-go found for Wintun. */
const HIGH_BYTES_PER_SECOND = 100_000_000;

/** The rate is judged over windows of this length. */
const WINDOW_MS = 500;

/** After less than this the clock is not asked again: that costs as much as a few packets. It is 10 ms of high traffic. */
const LOOK_BYTES = 1_000_000;

/** Tells whether traffic is high, so that a thread spins only when it is about to be needed again. */
export class LoadMeter {
  #windowStartMs = performance.now();
  #windowStartBytes = 0;
  #lookedAtBytes = 0;
  #high = false;

  /**
   * Whether the last full window was one of high traffic.
   * @param totalBytes What has been received since the beginning.
   */
  isHigh(totalBytes: number): boolean {
    if (totalBytes - this.#lookedAtBytes < LOOK_BYTES) return this.#high;
    this.#lookedAtBytes = totalBytes;
    const elapsedMs = performance.now() - this.#windowStartMs;
    if (elapsedMs >= WINDOW_MS) {
      this.#high = (totalBytes - this.#windowStartBytes) * 1000 >= HIGH_BYTES_PER_SECOND * elapsedMs;
      this.#windowStartMs += elapsedMs;
      this.#windowStartBytes = totalBytes;
    }
    return this.#high;
  }
}
