import type { NetworkList } from "../../windows/network/network_list.ts";
import type { Network } from "../../windows/network/network.ts";
import type { LogLine } from "../../wintun/log_line.ts";
import type { GivenCategories } from "./given_categories.ts";
import { startTimeout, type StartTimer } from "./removal_watch.ts";

const POLL_MS = 2_000;

/** What a watch needs to know and to change. */
export interface CategoryWatchOptions {
  readonly networks: NetworkList;
  readonly network: Network;
  readonly given: GivenCategories;
  readonly log: (line: LogLine) => void;
  readonly startTimer?: StartTimer;
}

/**
 * Gives the network of an adapter that this process holds the category that is set, whenever Windows identifies the network: for
 * a new network, and often for one that it has met before, Windows chooses the category itself.
 *
 * It polls while a category is set and the adapter is connected. Windows' notification (INetworkEvents) is a call of an object
 * that this program would have to implement, from a thread of Windows. Windows keeps the networks that it remembers in the
 * registry, but nobody documents these keys, and there is none for a network that stays unidentified, such as that of an adapter
 * without a gateway.
 */
export class CategoryWatch implements Disposable {
  readonly #adapter: { readonly name: string; readonly guid: string; readonly luid: bigint };
  readonly #options: CategoryWatchOptions;
  readonly #startTimer: StartTimer;
  #stopTimer: () => void;
  /** The fault that was logged last. One that repeats is logged once. */
  #fault: string | undefined;

  /** Starts to poll at once. */
  constructor(
    adapter: { readonly name: string; readonly guid: string; readonly luid: bigint },
    options: CategoryWatchOptions,
  ) {
    this.#adapter = adapter;
    this.#options = options;
    this.#startTimer = options.startTimer ?? startTimeout;
    this.#stopTimer = this.#startTimer(() => this.#look(), POLL_MS);
  }

  /** Ends the watch, and leaves the category to Windows from now on. Idempotent. */
  close(): void {
    this.#stopTimer();
    this.#options.given.forget(this.#adapter.guid);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #look(): void {
    try {
      this.#give();
      this.#fault = undefined;
    } catch (error) {
      this.#noteFault(error instanceof Error ? error.message : String(error));
    }
    this.#stopTimer = this.#startTimer(() => this.#look(), POLL_MS);
  }

  #give(): void {
    const { guid, name, luid } = this.#adapter;
    const { given, network, networks, log } = this.#options;
    const category = given.get(guid);
    if (category === undefined || network.interface(luid).info()?.connected !== true) return;
    const present = networks.category(guid);
    // A network that Windows has authenticated to a domain keeps its category.
    if (present === undefined || present === category || present === "domain") return;
    networks.setCategory(guid, category);
    log({ level: "info", message: `The network of adapter "${name}" was ${present} and is ${category} now` });
  }

  #noteFault(message: string): void {
    if (message !== this.#fault) {
      this.#options.log({ level: "warning", message: `Adapter "${this.#adapter.name}": ${message}` });
    }
    this.#fault = message;
  }
}
