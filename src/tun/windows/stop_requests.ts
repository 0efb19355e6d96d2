import type { AdapterServices } from "./adapter_services.ts";

/** The time between two requests. */
const ASK_AGAIN_MS = 500;

/**
 * Requests to a service to stop, one at a time, while somebody waits for its end. A service that does not run yet does not hear
 * the first one. One that runs is asked once: if it hangs, a second request does not help.
 */
export class StopRequests {
  readonly #services: AdapterServices;
  readonly #guid: string;
  readonly #now: () => number;
  #askedAtMs = -Infinity;
  #isAsked = false;
  #failure: { readonly error: unknown } | undefined;

  /** @param now Returns milliseconds of a clock that never goes back. */
  constructor(services: AdapterServices, guid: string, now: () => number) {
    this.#services = services;
    this.#guid = guid;
    this.#now = now;
  }

  /**
   * Asks the service, and does not wait for an answer. Call it again and again.
   * @throws what the request before has failed with.
   */
  repeat(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#isAsked || this.#now() - this.#askedAtMs < ASK_AGAIN_MS) return;
    this.#askedAtMs = this.#now();
    this.#isAsked = true;
    this.#services.askToStop(this.#guid).then(
      (isRunning) => this.#isAsked = isRunning,
      (error) => this.#failure = { error },
    );
  }
}
