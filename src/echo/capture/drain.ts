/** How long an empty tap is left alone: short after packets came, longer the longer none come. */
const SHORTEST_PAUSE_MS = 3;
const LONGEST_PAUSE_MS = 20;

/** How much there was to take. After `little` more is left to gather: a round of this thread costs as much as many packets. */
export type Amount = "nothing" | "little" | "much";

/** What takes packets out of a tap, some at a time. */
export interface TapFeed {
  /** Takes some packets and uses them. @param isLast whether none may be left for later. */
  take(isLast: boolean): Promise<Amount>;
}

/** Calls `callback` after `ms`, unless the function that it gives is called before. */
export type StartTimer = (callback: () => void, ms: number) => () => void;

const startTimeout: StartTimer = (callback, ms) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/** Empties a tap until it is stopped. Each tap has a drain of its own, and no drain waits for another. */
export class TapDrain {
  /** Resolves when the tap is empty after `stop()`. Rejects with what the feed throws. */
  readonly done: Promise<void>;
  readonly #feed: TapFeed;
  readonly #startTimer: StartTimer;
  #isStopping = false;
  #endPause = (): void => {};

  constructor(feed: TapFeed, startTimer: StartTimer = startTimeout) {
    this.#feed = feed;
    this.#startTimer = startTimer;
    this.done = this.#run();
    // Who calls `stop()` gets the error then.
    this.done.catch(() => {});
  }

  /** Takes what is left. Nothing may be tapped any more. @throws what the feed throws. */
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
