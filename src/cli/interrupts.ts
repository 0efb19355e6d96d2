import type { Environment } from "./environment.ts";

/** The user has asked the command to end before it was done: exit code 130. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  /** What the user may have to know or do, as a sentence; empty where there is nothing to say. */
  readonly hint: string;

  constructor(message: string, hint = "") {
    super(message);
    this.hint = hint;
  }
}

/**
 * Listens for Ctrl-C and the like. The first one asks the command to come to its end; the second one does not wait
 * for that.
 */
export class Interrupts implements Disposable {
  /** Aborted by the first signal, with its name as the reason. */
  readonly first: AbortSignal;
  /** Rejected with an `InterruptedError` by the second signal. */
  readonly second: Promise<never>;
  readonly #stopListening: () => void;

  constructor(environment: Environment) {
    const first = new AbortController();
    const second = Promise.withResolvers<never>();
    // Nobody may be waiting for it.
    second.promise.catch(() => {});
    this.first = first.signal;
    this.second = second.promise;
    this.#stopListening = environment.onSignal((signal) => {
      if (first.signal.aborted) {
        second.reject(new InterruptedError("Interrupted again, while cleaning up."));
      } else {
        first.abort(signal);
      }
    });
  }

  [Symbol.dispose](): void {
    this.#stopListening();
  }
}
