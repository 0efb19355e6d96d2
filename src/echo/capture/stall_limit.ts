/** Limits how long operations may take that a stalled disk or reader may never end. Without a limit it waits for each. */
export class StallLimit {
  #limitMs: number | undefined;
  #hasStalled = false;
  /** Limits the operation that is under way. */
  #limitOperation = (): void => {};

  /** Whether an operation took longer than the limit. It may never end. */
  get hasStalled(): boolean {
    return this.#hasStalled;
  }

  /** Limits each operation from now on, and the remaining time of the present one, to `limitMs`. Idempotent. */
  begin(limitMs: number): void {
    if (this.#limitMs !== undefined) return;
    this.#limitMs = limitMs;
    this.#limitOperation();
  }

  /**
   * Waits for an operation. One operation is awaited at a time.
   *
   * @throws {Deno.errors.TimedOut} If it takes longer than the limit.
   * @throws The error of the operation.
   */
  async wait<T>(operation: T | Promise<T>): Promise<T> {
    const stalled = Promise.withResolvers<never>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#limitOperation = () => {
      const limitMs = this.#limitMs!;
      timer = setTimeout(() => {
        this.#hasStalled = true;
        stalled.reject(new Deno.errors.TimedOut(`nothing could be written for ${limitMs / 1000} s`));
      }, limitMs);
    };
    if (this.#limitMs !== undefined) this.#limitOperation();
    try {
      return await Promise.race([operation, stalled.promise]);
    } finally {
      clearTimeout(timer);
      this.#limitOperation = () => {};
    }
  }
}
