import type { System } from "../../windows/system.ts";
import type { AdapterInfo } from "../adapter_info.ts";
import { withSettings } from "../adapter_order.ts";
import type { Configured, ConfigureOptions } from "../host.ts";
import { nameBefore, withNewName } from "../new_name.ts";
import type { Settings } from "../settings/settings.ts";
import { renameRulesOf } from "./dns_rules.ts";
import type { GivenCategories } from "./given_categories.ts";
import type { Holders } from "./holders.ts";
import type { Renaming } from "./renaming.ts";
import { applySettings } from "./settings/apply.ts";
import { categorySubject } from "./settings/category.ts";
import { dnsForSubject } from "./settings/dns_for.ts";
import type { Subject } from "./settings/subject.ts";

/** Changes the settings of adapters that have a network interface, and their names. */
export class Configuring {
  readonly #system: System;
  readonly #holders: Holders;
  readonly #given: GivenCategories;
  readonly #renaming: Renaming;
  readonly #warn: (messages: readonly string[]) => void;
  readonly #now: () => number;

  /**
   * @param warn Receives warnings about what belongs to an adapter and still has its old name.
   * @param now Milliseconds of a clock that never goes back.
   */
  constructor(
    system: System,
    holders: Holders,
    given: GivenCategories,
    renaming: Renaming,
    warn: (messages: readonly string[]) => void,
    now: () => number,
  ) {
    this.#system = system;
    this.#holders = holders;
    this.#given = given;
    this.#renaming = renaming;
    this.#warn = warn;
    this.#now = now;
  }

  /**
   * Renames the adapter if `name` is another than it has, and applies the settings. After an error nothing is changed.
   * @throws {HostError} as `Host.configure` does.
   */
  async configure(
    info: AdapterInfo,
    settings: Settings,
    operation: string,
    { dryRun = false, name }: ConfigureOptions,
  ): Promise<Configured> {
    const before = nameBefore(info, name);
    const apply = (): Promise<Configured> => this.#apply(info, settings, dryRun);
    if (name === undefined || name === before) return await apply();
    if (dryRun) {
      this.#renaming.check(info, name, operation);
      return withNewName(await apply(), before, name);
    }
    const configured = await this.#renaming.during(info, name, operation, apply);
    this.#warn(renameRulesOf(this.#system.namePolicy, info.guid, name));
    return withNewName(configured, before, name);
  }

  async #apply(info: AdapterInfo, settings: Settings, dryRun: boolean): Promise<Configured> {
    const { name, guid, luid, persistent } = info;
    const isOthersOrder = persistent && !this.#holders.isOwnService(guid);
    return await applySettings(this.#system.network, luid, settings, {
      name,
      dryRun,
      more: await this.#moreSubjects(info, settings),
      finish: async () => {
        if (!isOthersOrder) return;
        await this.#holders.services.orders.change(guid, (order) => withSettings(order, settings));
      },
      now: this.#now,
    });
  }

  async #moreSubjects({ name, guid, owner }: AdapterInfo, { category }: Settings): Promise<Subject[]> {
    const { namePolicy, networkList } = this.#system;
    const about = { name, guid, isHeld: owner?.ours === true };
    return [
      ...(category === undefined
        ? []
        : [await categorySubject(networkList, this.#given, { ...about, wanted: category })]),
      dnsForSubject(namePolicy, about),
    ];
  }
}
