/** A queue with this number of characters is full. */
const FULL_LENGTH = 1024 * 1024;

/** The length of one write in characters. It is short, so that a slow reader ends a write often and is not taken for a stalled one. */
const WRITE_LENGTH = 64 * 1024;

/**
 * Lines that wait for a reader that may be slow. One write is under way at a time, and the caller never waits for it. So a
 * reader that stalls without closing its end does not block the program.
 */
export class LineQueue {
  readonly #write: (text: string) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  /** The texts of the next writes, oldest first. Each has at most `WRITE_LENGTH` characters, unless one push was longer. */
  #waiting: string[] = [];
  #waitingLength = 0;
  /** Set after a failure or a stall. */
  #isGivenUp = false;
  #hasStalled = false;
  #writing: Promise<void> | undefined;

  /**
   * @param write Writes all of a text.
   * @param onError Receives the error of the first write that fails. All lines that wait or come later are then discarded.
   */
  constructor(write: (text: string) => Promise<void>, onError: (error: unknown) => void) {
    this.#write = write;
    this.#onError = onError;
  }

  /** Whether the queue is long, so that the caller should leave out what it can. */
  get isFull(): boolean {
    return this.#waitingLength >= FULL_LENGTH;
  }

  /** Adds whole lines, even to a full queue: a caller with many lines looks at `isFull` first. */
  push(lines: string): void {
    if (this.#isGivenUp) return;
    const last = this.#waiting.length - 1;
    if (last >= 0 && this.#waiting[last].length + lines.length <= WRITE_LENGTH) this.#waiting[last] += lines;
    else this.#waiting.push(lines);
    this.#waitingLength += lines.length;
    if (this.#writing === undefined) this.#writeNext();
  }

  /**
   * Waits until everything is written. If one write takes `stalledMs` milliseconds, the reader is given up: all lines that
   * wait or come later are discarded. Returns `false` if that happened.
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
