// The pause before an empty tap is read again. It is short after packets came, and doubles while none come.
const SHORTEST_PAUSE_MS = 3;
const LONGEST_PAUSE_MS = 20;

/** How much a feed took. After `little`, the drain pauses, because a turn of this thread costs as much as many packets. */
export type Amount = "nothing" | "little" | "much";

/** Takes packets out of a tap, some at a time. */
export interface TapFeed {
  /**
   * Takes some packets and uses them. Rejects if using them fails.
   *
   * @param isLast Whether the tap is written no more. It is then called again until it resolves to `nothing`.
   */
  take(isLast: boolean): Promise<Amount>;
}

/** Calls `callback` after `ms`, unless the returned function is called before. */
export type StartTimer = (callback: () => void, ms: number) => () => void;

const startTimeout: StartTimer = (callback, ms) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/** Empties a tap until it is stopped. Each tap has a separate drain, and no drain waits for another. */
export class TapDrain {
  /** Resolves when the tap is empty after `stop()`. Rejects with the error of the feed, which ends the drain. */
  readonly done: Promise<void>;
  readonly #feed: TapFeed;
  readonly #startTimer: StartTimer;
  #isStopping = false;
  #endPause = (): void => {};

  /** @param startTimer Times the pauses; by default `setTimeout()`. */
  constructor(feed: TapFeed, startTimer: StartTimer = startTimeout) {
    this.#feed = feed;
    this.#startTimer = startTimer;
    this.done = this.#run();
    // `stop()` reports the error.
    this.done.catch(() => {});
  }

  /** Takes the packets that are left. The tap must be written no more. Rejects with the error of the feed. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#endPause();
    await this.done;
  }

  async #run(): Promise<void> {
    let pauseMs = SHORTEST_PAUSE_MS;
    for (;;) {
      const isLast = this.#isStopping;
      const amount = await this.#feed.take(isLast);
      if (amount === "nothing") {
        if (isLast) return;
        await this.#pause(pauseMs);
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      } else {
        pauseMs = SHORTEST_PAUSE_MS;
        if (amount === "little") await this.#pause(pauseMs);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#startTimer(resolve, this.#isStopping ? 0 : ms);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
