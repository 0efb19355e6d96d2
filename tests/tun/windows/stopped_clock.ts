import type { StartTimer } from "../../../src/tun/windows/removal_watch.ts";

/** A clock that stands still: its timers end when the test says so. */
export class StoppedClock {
  readonly #timers = new Map<() => void, number>();

  readonly start: StartTimer = (callback, ms) => {
    this.#timers.set(callback, ms);
    return () => this.#timers.delete(callback);
  };

  /** The times of the timers that run, in milliseconds. */
  get waits(): number[] {
    return [...this.#timers.values()];
  }

  /** Ends the timers that run. Returns the time of the first of them. */
  end(): number {
    const [ms = 0] = this.waits;
    const due = [...this.#timers.keys()];
    this.#timers.clear();
    for (const callback of due) callback();
    return ms;
  }
}
