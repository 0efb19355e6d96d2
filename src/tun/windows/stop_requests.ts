import type { AdapterServices } from "./adapter_services.ts";

/** The time between two requests. */
const ASK_AGAIN_MS = 500;

/**
 * Requests to a service to stop, one at a time, while somebody waits for its end. A service that Windows is about to start does
 * not hear the first one.
 */
export class StopRequests {
  readonly #services: AdapterServices;
  readonly #guid: string;
  readonly #now: () => number;
  #askedAtMs = -Infinity;
  #isUnanswered = false;
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
    if (this.#isUnanswered || this.#now() - this.#askedAtMs < ASK_AGAIN_MS) return;
    this.#askedAtMs = this.#now();
    this.#isUnanswered = true;
    this.#services.askToStop(this.#guid)
      .catch((error) => this.#failure = { error })
      .finally(() => this.#isUnanswered = false);
  }
}
