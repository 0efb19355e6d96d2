/** Why a `serve` ended: `stopped` says so to programs. */
export type StopReason =
  | "count"
  | "duration"
  | "signal"
  | "stopped"
  | "removed"
  | "corrupt"
  | "stdout-closed"
  | "error";

/** The end of a `serve`, which several parties may ask for. The first one decides why. */
export class Ending {
  #reason: StopReason | undefined;
  #error: unknown;
  readonly #listeners = new Set<() => void>();

  /** The reason of whoever asked first, `undefined` until then. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** What made it end, where that is an error. */
  get error(): unknown {
    return this.#error;
  }

  /** Asks for the end. */
  ask(reason: StopReason): void {
    this.#reason ??= reason;
    for (const listener of this.#listeners) listener();
  }

  /** Asks for the end because of an error; it counts even if somebody asked before, unless that was an error too. */
  fail(error: unknown, reason: StopReason = "error"): void {
    if (this.#error === undefined) {
      this.#error = error;
      this.#reason = reason;
    }
    this.ask(reason);
  }

  /** Calls `listener` when somebody asks, and at once if somebody has; until the returned function is called. */
  onAsked(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#reason !== undefined) listener();
    return () => this.#listeners.delete(listener);
  }
}
