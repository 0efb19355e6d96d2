import type { AdapterInfo } from "../adapter_info.ts";
import { type AdapterOrder, orderChanges, withSettings } from "../adapter_order.ts";
import type { Configured } from "../host.ts";
import { HostError, noSuchAdapter } from "../host_error.ts";
import { refuseSmallMtu } from "../mtu.ts";
import { withNewName } from "../new_name.ts";
import type { Settings } from "../settings/settings.ts";
import type { AdapterServices } from "./adapter_services.ts";
import type { Renaming } from "./renaming.ts";

/** Changes what the services of stopped adapters do when they start. */
export class Reordering {
  readonly #services: AdapterServices;
  readonly #renaming: Renaming;

  constructor(services: AdapterServices, renaming: Renaming) {
    this.#services = services;
    this.#renaming = renaming;
  }

  /**
   * Changes the settings in an order, and with another `name` than the adapter has its name, too. After an error nothing is
   * changed.
   * @throws {HostError} as `Host.reorder` does; `not-found` if the service starts meanwhile.
   */
  async reorder(
    info: AdapterInfo,
    settings: Settings,
    operation: string,
    { dryRun, name }: { readonly dryRun: boolean; readonly name: string },
  ): Promise<Configured> {
    const change = (): Promise<Configured> => this.#change(info.guid, settings, operation, dryRun);
    if (name === info.name) return await change();
    const configured = await this.#renaming.alone(operation, async () => {
      this.#renaming.check(info, name, operation);
      return dryRun ? await change() : await this.#rename(info, name, change);
    });
    return withNewName(configured, info.name, name);
  }

  async #rename<T>({ guid, name: before }: AdapterInfo, name: string, body: () => Promise<T>): Promise<T> {
    try {
      await this.#services.rename(guid, name);
      return await body();
    } catch (error) {
      await this.#services.rename(guid, before);
      throw error;
    }
  }

  async #change(
    guid: string,
    settings: Settings,
    operation: string,
    dryRun: boolean,
  ): Promise<Configured> {
    let ordered: { readonly before: AdapterOrder; readonly after: AdapterOrder } | undefined;
    await this.#services.orders.change(guid, (before) => {
      if (!this.#isStopped(guid)) throw hasStarted(operation);
      const { mtu, addresses = [] } = before.settings;
      refuseSmallMtu(operation, settings, { mtu, addresses });
      ordered = { before, after: withSettings(before, settings) };
      return dryRun ? undefined : ordered.after;
    });
    if (ordered === undefined) throw noSuchAdapter(operation);
    const { before, after } = ordered;
    // A service that starts at this moment may have read the order before the change, and would go on without it.
    if (!dryRun && !this.#isStopped(guid)) {
      await this.#services.orders.change(guid, (order) => ({ ...order, settings: before.settings }));
      throw hasStarted(operation);
    }
    const changes = orderChanges(before, after);
    return { changed: changes.length > 0, changes, warnings: [] };
  }

  #isStopped(guid: string): boolean {
    return this.#services.find(guid)?.state === "stopped";
  }
}

function hasStarted(operation: string): HostError {
  return new HostError("not-found", operation, "its service has started meanwhile", {
    hint: "Repeat the command.",
  });
}
