import { LOCAL_RULES } from "../../windows/network/name_policy.ts";
import { NetworkWatch } from "../../windows/network/network_watch.ts";
import { RegistryWatch, type WatchedKey } from "../../windows/registry_watch.ts";
import type { System } from "../../windows/system.ts";
import { ChangeNotice } from "../change_notice.ts";
import type { Holders } from "./holders.ts";

/**
 * Windows notifies of some changes a little before they can be read: it removes an IP interface before its device, and the session
 * and the adapter of a process before the process has ended.
 */
const SETTLE_MS = 1_000;

const CONTROL_SET = "SYSTEM\\CurrentControlSet";
/** The names of network connections, below a key for each ("{4D36E972-…}" is the class of network adapters, devguid.h). */
const CONNECTIONS = `${CONTROL_SET}\\Control\\Network\\{4D36E972-E325-11CE-BFC1-08002BE10318}`;
/** The DNS settings of interfaces, below a key for each. */
const DNS_SETTINGS = ["Tcpip", "Tcpip6"].map((driver) =>
  `${CONTROL_SET}\\Services\\${driver}\\Parameters\\Interfaces`
);

/**
 * Notices everything that changes what `list` reports. The owner closes it.
 *
 * The IP Helper notifies of interfaces, their media state, MTU, metric and forwarding, of addresses and of routes. The rest is in the
 * registry: the names of connections, the DNS settings and rules, the services of this program with their orders and reports, and
 * the records of its processes. An adapter without an IP version is noticed by its connection, and the end of a process that holds
 * or serves an adapter by the interface or the session that goes with it.
 *
 * NotifyServiceStatusChange is not used. It needs an open handle of the service, and Windows deletes no service while there is one.
 */
export class MachineWatch implements AsyncDisposable {
  readonly #notice: ChangeNotice;
  readonly #network: NetworkWatch;
  readonly #registry: RegistryWatch;

  private constructor(notice: ChangeNotice, network: NetworkWatch, registry: RegistryWatch) {
    this.#notice = notice;
    this.#network = network;
    this.#registry = registry;
  }

  /**
   * Starts to notice changes.
   * @throws {Win32Error} if Windows refuses.
   * @throws {MissingFunctionError} if this Windows lacks a function.
   */
  static async open(system: System, holders: Holders): Promise<MachineWatch> {
    const notice = new ChangeNotice();
    const onChange = (): void => notice.notify();
    const network = await NetworkWatch.open(system.libraries, onChange);
    try {
      const onError = (error: unknown): void => notice.fail(error);
      const registry = new RegistryWatch(system, () => watchedKeys(holders), onChange, onError);
      return new MachineWatch(notice, network, registry);
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  /** Yields as `Host.changes` does. */
  follow(signal: AbortSignal): AsyncGenerator<void, void, void> {
    return this.#notice.follow(signal, SETTLE_MS);
  }

  /** Ends the watch. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#network.close(), this.#registry.close()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function* watchedKeys({ services, records }: Holders): Iterable<WatchedKey> {
  yield { path: CONNECTIONS, what: "everything" };
  for (const path of [...DNS_SETTINGS, LOCAL_RULES]) yield { path, what: "everything" };
  yield* services.watchedKeys();
  yield records.watchedKey;
}
