import { pause } from "./pause.ts";

/** Notices within this time after another one are one notice with it: a command changes several things one after the other. */
const COALESCE_MS = 50;

/** Notices that something of a machine may have changed. They carry nothing: whoever receives one looks at the machine again. */
export class ChangeNotice {
  readonly #listeners = new Set<() => void>();
  #failure: { readonly error: unknown } | undefined;

  /** Notifies everybody who follows. */
  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Ends everybody who follows with an error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.notify();
  }

  /**
   * Yields at once, and after each notice until the signal is aborted. Notices that come in quick succession, or while the
   * caller is busy, yield once. After the last of them the caller always looks once more.
   * @param settleMs Milliseconds. If no notice comes for so long after a yield, this yields once more, for a machine whose
   * notices may come a little before the change can be read. A notice may also have come just before the first yield. Absent: it
   * does not yield once more.
   * @throws what `fail` was called with.
   */
  async *follow(signal: AbortSignal, settleMs?: number): AsyncGenerator<void, void, void> {
    let isPending = false;
    let wake = (): void => {};
    const listener = (): void => {
      isPending = true;
      wake();
    };
    this.#listeners.add(listener);
    signal.addEventListener("abort", listener);
    try {
      let isSettled = false;
      while (!signal.aborted) {
        yield;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = isSettled || settleMs === undefined ? undefined : setTimeout(resolve, settleMs);
        if (!isPending && !signal.aborted) await promise;
        clearTimeout(timer);
        isSettled = !isPending;
        if (isPending) await pause(COALESCE_MS, signal);
        isPending = false;
        if (this.#failure !== undefined) throw this.#failure.error;
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener("abort", listener);
    }
  }
}
