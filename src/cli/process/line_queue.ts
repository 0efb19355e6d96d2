/** More than this waiting, and the queue is full. */
const FULL_LENGTH = 1024 * 1024;

/** Written at once, in characters: so that a slow reader is seen to read. */
const WRITE_LENGTH = 64 * 1024;

/**
 * Lines on their way to somewhere that may take its time. One write is under way at a time, and nobody waits for it:
 * a reader that stalls, without closing, holds up no one.
 */
export class LineQueue {
  readonly #write: (text: string) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  /** What the write after this one takes, oldest first; each at most about `WRITE_LENGTH`, unless a line is longer. */
  #waiting: string[] = [];
  #waitingLength = 0;
  /** After a failure or a stall. */
  #isGivenUp = false;
  #hasStalled = false;
  #writing: Promise<void> | undefined;

  /**
   * @param write writes all of a text.
   * @param onError is told once when a write fails; all that waits or comes later goes nowhere.
   */
  constructor(write: (text: string) => Promise<void>, onError: (error: unknown) => void) {
    this.#write = write;
    this.#onError = onError;
  }

  /** Whether so much waits that what can be left out should be. */
  get isFull(): boolean {
    return this.#waitingLength >= FULL_LENGTH;
  }

  /** Takes whole lines, even if it is full: who has many asks before. */
  push(lines: string): void {
    if (this.#isGivenUp) return;
    const last = this.#waiting.length - 1;
    if (last >= 0 && this.#waiting[last].length + lines.length <= WRITE_LENGTH) this.#waiting[last] += lines;
    else this.#waiting.push(lines);
    this.#waitingLength += lines.length;
    if (this.#writing === undefined) this.#writeNext();
  }

  /**
   * Waits until nothing is left to write. When no write ends for `stalledMs`, the reader is given up: all that waits or
   * comes later goes nowhere. Gives whether that did not happen.
   */
  async flush(stalledMs: number): Promise<boolean> {
    while (this.#writing !== undefined && !this.#isGivenUp) {
      const stalled = Promise.withResolvers<"stalled">();
      const timer = setTimeout(() => stalled.resolve("stalled"), stalledMs);
      const first = await Promise.race([this.#writing, stalled.promise]);
      clearTimeout(timer);
      if (first !== "stalled") continue;
      this.#hasStalled = true;
      this.#giveUp();
    }
    return !this.#hasStalled;
  }

  #writeNext(): void {
    const text = this.#waiting.shift();
    if (text === undefined) {
      this.#writing = undefined;
      return;
    }
    this.#waitingLength -= text.length;
    this.#writing = this.#write(text).catch((error) => {
      this.#giveUp();
      this.#onError(error);
    }).then(() => this.#writeNext());
  }

  #giveUp(): void {
    this.#isGivenUp = true;
    this.#waiting = [];
    this.#waitingLength = 0;
  }
}
