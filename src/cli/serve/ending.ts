import type { Adapter } from "../../tun/host.ts";
import { adapterRemoved, HostError } from "../../tun/host_error.ts";

/** Why a `serve` ended. Programs read it in the event `stopped`. */
export type StopReason =
  | "count"
  | "duration"
  | "signal"
  | "stopped"
  | "removed"
  | "corrupt"
  | "stdout-closed"
  | "error";

/** The end of a `serve`. Several parts of the program may ask for it; the first one decides the reason. */
export class Ending {
  #reason: StopReason | undefined;
  #error: unknown;
  readonly #listeners = new Set<() => void>();

  /** The reason for the end. `undefined` until somebody asks for it. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** The error that caused the end, or `undefined`. */
  get error(): unknown {
    return this.#error;
  }

  /** Asks for the end. */
  ask(reason: StopReason): void {
    this.#reason ??= reason;
    for (const listener of this.#listeners) listener();
  }

  /** Asks for the end because of an error. The first error replaces an earlier reason that was no error. */
  fail(error: unknown, reason: StopReason = "error"): void {
    if (this.#error === undefined) {
      this.#error = error;
      this.#reason = reason;
    }
    this.ask(reason);
  }

  /** Asks for the end when the adapter is removed or deleted, and when another process asks to end its session. */
  askWith(adapter: Adapter, name: string): void {
    const operation = cannotGoOnServing(name);
    adapter.stopRequested.then(() => {
      this.fail(new HostError("removed", operation, "it was deleted"), "removed");
    });
    adapter.removed.then(() => this.fail(adapterRemoved(operation), "removed"));
    adapter.sessionStopRequested.then(() => this.ask("stopped"));
  }

  /** Calls `listener` whenever somebody asks, and at once if somebody has asked before. The returned function stops that. */
  onAsked(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#reason !== undefined) listener();
    return () => this.#listeners.delete(listener);
  }
}

/** Returns the operation of an error that ends the serving of an adapter, as the start of a sentence. */
export function cannotGoOnServing(name: string): string {
  return `Cannot go on serving adapter "${name}"`;
}
