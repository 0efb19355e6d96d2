import type { System } from "../../windows/system.ts";
import { isPresent } from "./devices.ts";

const POLL_MS = 1_000;

/** Calls `callback` after `ms`, unless the returned function is called before. */
export type StartTimer = (callback: () => void, ms: number) => () => void;

const startTimeout: StartTimer = (callback, ms) => {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
};

/**
 * Notices that the device of an adapter was removed by somebody else, as Device Manager, a network reset and other programs
 * do. Looks once a second: the notifications of the IP Helper API (NotifyIpInterfaceChange) do not come under Wine, so code
 * that waited for them could not be tested.
 */
export class RemovalWatch implements Disposable {
  /** Resolves when the device is gone. After `close()` it stays as it is. */
  readonly removed: Promise<void>;
  readonly #isThere: () => boolean;
  readonly #startTimer: StartTimer;
  readonly #resolve: () => void;
  #stopTimer: () => void;

  /** @param isThere Looks for the device. An error says nothing about it, and the next look decides. */
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
 * Whether an adapter's device is there. This is one call of Windows while its network interface is there; without an
 * interface the device itself is looked for, because one that somebody disables loses its interface and is not removed.
 * @throws {Win32Error}
 */
export function isAdapterThere(
  system: System,
  { luid, instanceId }: { readonly luid: bigint; readonly instanceId: string },
): boolean {
  return system.network.interface(luid).info()?.isPresent === true || isPresent(system, instanceId);
}
