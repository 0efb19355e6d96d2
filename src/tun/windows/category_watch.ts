import type { NetworkList, SettableCategory } from "../../windows/network/network_list.ts";
import { NetworkWatch } from "../../windows/network/network_watch.ts";
import type { System } from "../../windows/system.ts";
import type { LogLine } from "../../wintun/log_line.ts";
import type { GivenCategories } from "./given_categories.ts";
import { startTimeout, type StartTimer } from "./removal_watch.ts";

/** Windows takes some seconds to identify a network. After a change, the watch looks this often, this many times. */
const QUICK_MS = 2_000;
const QUICK_LOOKS = 30;
/** After that it looks this often: a notification may be lost, and Windows may take longer. */
const SLOW_MS = 60_000;
/** The time that `close` waits for a look that is under way. */
const CLOSE_MS = 1_000;

/** The adapter whose network is watched. */
export interface WatchedAdapter {
  readonly name: string;
  /** Lower case, without braces. */
  readonly guid: string;
}

/** What a watch needs to know and to change. */
export interface CategoryWatchOptions {
  readonly networks: Pick<NetworkList, "find" | "setCategory">;
  /** Returns whether the adapter has a session, and so may have a network. */
  readonly isConnected: () => boolean;
  readonly given: Pick<GivenCategories, "get" | "forget">;
  /** Notifies of changes of the adapter's interface, its addresses and its routes, until the result is disposed of. */
  readonly notify: (onChange: () => void) => Promise<AsyncDisposable>;
  readonly log: (line: LogLine) => void;
  readonly startTimer?: StartTimer;
}

/**
 * Gives the network of an adapter that this process holds the category that is set, whenever Windows identifies the network: for
 * a new network, and often for one that it has met before, Windows chooses the category itself. If somebody else changes the
 * category meanwhile, it stays so until Windows identifies the network anew.
 *
 * Windows identifies a network after a change of its interface, such as a new session, address or route. So the watch looks for
 * a minute after each notification of the IP Helper. The Network List Manager notifies too (INetworkEvents), but by calls from
 * its service to an object that this program would have to implement. Whether Windows allows these calls depends on the account
 * and on the COM settings of the machine.
 */
export class CategoryWatch implements AsyncDisposable {
  readonly #adapter: WatchedAdapter;
  readonly #options: CategoryWatchOptions;
  readonly #startTimer: StartTimer;
  readonly #notifications: Promise<AsyncDisposable | undefined>;
  #quickLooks = QUICK_LOOKS;
  #stopTimer: () => void = () => {};
  /** The look that is under way. It never rejects. */
  #look: Promise<void> | undefined;
  /** The category that was given last, and the network that has got it. `undefined` while there is no network. */
  #done: string | undefined;
  /** The fault that was logged last. One that repeats is logged once. */
  #fault: string | undefined;
  #isClosed = false;

  /** Starts to watch. */
  constructor(adapter: WatchedAdapter, options: CategoryWatchOptions) {
    this.#adapter = adapter;
    this.#options = options;
    this.#startTimer = options.startTimer ?? startTimeout;
    this.#notifications = this.#begin();
    this.#schedule();
  }

  /** Starts to watch an adapter of this machine. @param luid NET_LUID of its interface. */
  static start(
    system: System,
    { luid, ...adapter }: WatchedAdapter & { readonly luid: bigint },
    options: Pick<CategoryWatchOptions, "given" | "log" | "startTimer">,
  ): CategoryWatch {
    return new CategoryWatch(adapter, {
      ...options,
      networks: system.networkList,
      isConnected: () => system.network.interface(luid).info()?.connected === true,
      notify: (onChange) =>
        NetworkWatch.open(system.libraries, (changed) => {
          if (changed === undefined || changed === luid) onChange();
        }),
    });
  }

  /**
   * Ends the watch, and leaves the category to Windows from now on. Resolves when nothing is under way any more. If a look takes
   * longer than a second, it says so in the log and does not wait. Idempotent.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopTimer();
    this.#options.given.forget(this.#adapter.guid);
    await Promise.all([this.#endNotifications(), this.#endLook()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #begin(): Promise<AsyncDisposable | undefined> {
    try {
      return await this.#options.notify(() => this.#onChange());
    } catch (error) {
      this.#noteFault(error);
      return undefined;
    }
  }

  async #endNotifications(): Promise<void> {
    await (await this.#notifications)?.[Symbol.asyncDispose]();
  }

  async #endLook(): Promise<void> {
    if (this.#look === undefined) return;
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const stopTimer = this.#startTimer(() => resolve("late"), CLOSE_MS);
    if (await Promise.race([this.#look, late]) === "late") {
      this.#warn("Windows has not answered a question about its network, and is not waited for any longer");
    }
    stopTimer();
  }

  #onChange(): void {
    if (this.#isClosed) return;
    const wasSlow = this.#quickLooks === 0;
    this.#quickLooks = QUICK_LOOKS;
    try {
      // Between two looks, one session may end and another one begin.
      this.#wanted();
    } catch (error) {
      this.#noteFault(error);
    }
    if (wasSlow && this.#look === undefined) this.#schedule();
  }

  #schedule(): void {
    this.#stopTimer();
    this.#stopTimer = this.#startTimer(
      () => this.#look = this.#lookOnce(),
      this.#quickLooks > 0 ? QUICK_MS : SLOW_MS,
    );
  }

  async #lookOnce(): Promise<void> {
    this.#quickLooks = Math.max(0, this.#quickLooks - 1);
    let fault: unknown;
    try {
      await this.#give();
    } catch (error) {
      fault = error;
    }
    this.#look = undefined;
    if (this.#isClosed) return;
    this.#noteFault(fault);
    this.#schedule();
  }

  async #give(): Promise<void> {
    const { guid, name } = this.#adapter;
    const { networks, log } = this.#options;
    const category = this.#wanted();
    if (category === undefined) return;
    const present = await networks.find(guid);
    if (this.#isClosed) return;
    // A network that Windows has authenticated to a domain keeps its category.
    if (present === undefined || present.category === "domain") {
      this.#done = undefined;
      return;
    }
    const doing = present.identity === undefined ? undefined : `${category} ${present.identity}`;
    if (doing !== undefined && doing === this.#done) return;
    if (present.category !== category) {
      await networks.setCategory(guid, category);
      const message = `The network of adapter "${name}" was ${present.category} and is ${category} now`;
      if (!this.#isClosed) log({ level: "info", message });
    }
    this.#done = doing;
  }

  /** Returns the category that the network is to get. `undefined` if none is set, and while there is no network. */
  #wanted(): SettableCategory | undefined {
    const { given, isConnected } = this.#options;
    const category = isConnected() ? given.get(this.#adapter.guid) : undefined;
    // The last category is forgotten, so that the same one is given again if it is set again.
    if (category === undefined) this.#done = undefined;
    return category;
  }

  /** Logs a fault, or notes that there is none any more. */
  #noteFault(error: unknown): void {
    const fault = error === undefined || error instanceof Error ? error?.message : String(error);
    if (fault !== undefined && fault !== this.#fault) this.#warn(fault);
    this.#fault = fault;
  }

  #warn(message: string): void {
    this.#options.log({ level: "warning", message: `Adapter "${this.#adapter.name}": ${message}` });
  }
}
