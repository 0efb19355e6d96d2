import { HostError, notReadyInTime } from "../tun/host_error.ts";

/** How long the user waits for a keeper: until a deadline, or until an interrupt. */
export class Patience {
  /** A time of `performance.now`. */
  readonly deadlineMs: number;
  /** Aborted by an interrupt. */
  readonly interrupted: AbortSignal | undefined;
  readonly #operation: string;
  readonly #timeoutMs: number;

  /** @param operation For what the user waits: `Cannot create adapter "lab"`. */
  constructor(
    operation: string,
    { timeoutMs, interrupted }: { readonly timeoutMs: number; readonly interrupted?: AbortSignal },
  ) {
    this.#operation = operation;
    this.#timeoutMs = timeoutMs;
    this.deadlineMs = performance.now() + timeoutMs;
    this.interrupted = interrupted;
  }

  /** Returns why the user does not wait any longer, if so. */
  callOff(): HostError | undefined {
    if (this.interrupted?.aborted) return new HostError("failed", this.#operation, "interrupted");
    if (performance.now() < this.deadlineMs) return undefined;
    return notReadyInTime(this.#operation, this.#timeoutMs);
  }

  /** @throws {HostError} `failed` after an interrupt, `timeout` after the deadline. */
  throwIfCalledOff(): void {
    const calledOff = this.callOff();
    if (calledOff !== undefined) throw calledOff;
  }
}
