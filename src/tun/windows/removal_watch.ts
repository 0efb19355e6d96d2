import type { System } from "../../windows/system.ts";
import { isPresent } from "./devices.ts";

const POLL_MS = 1_000;

/** Calls `callback` after `ms` milliseconds, unless the returned function is called before. */
export type StartTimer = (callback: () => void, ms: number) => () => void;

/** Starts a timer of this process. */
export const startTimeout: StartTimer = (callback, ms) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/**
 * Notices that somebody else has removed the device of an adapter, as Device Manager, a network reset and other programs do.
 * It polls once a second, which takes one call of Windows.
 */
export class RemovalWatch implements Disposable {
  /** Resolves when the device is gone. Never resolves after `close()`. */
  readonly removed: Promise<void>;
  readonly #isThere: () => boolean;
  readonly #startTimer: StartTimer;
  readonly #resolve: () => void;
  #stopTimer: () => void;

  /**
   * Starts to poll at once.
   * @param isThere Returns whether the device exists. If it throws, the device counts as present until the next poll.
   */
  constructor(isThere: () => boolean, startTimer: StartTimer = startTimeout) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.removed = promise;
    this.#resolve = resolve;
    this.#isThere = isThere;
    this.#startTimer = startTimer;
    this.#stopTimer = startTimer(() => this.#look(), POLL_MS);
  }

  /** Idempotent. */
  close(): void {
    this.#stopTimer();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #look(): void {
    if (this.#isStillThere()) this.#stopTimer = this.#startTimer(() => this.#look(), POLL_MS);
    else this.#resolve();
  }

  #isStillThere(): boolean {
    try {
      return this.#isThere();
    } catch {
      return true;
    }
  }
}

/**
 * Returns whether an adapter's device exists. While its network interface exists, this takes one call of Windows. Without an
 * interface it looks for the device, because a device that somebody disables loses its interface but is not removed.
 * @throws {Win32Error} if Windows refuses to list devices or to read the interface.
 */
export function isAdapterThere(
  system: System,
  { luid, instanceId }: { readonly luid: bigint; readonly instanceId: string },
): boolean {
  return system.network.interface(luid).info()?.isPresent === true || isPresent(system, instanceId);
}
