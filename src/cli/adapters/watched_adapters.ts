import { adapterChanges } from "../../tun/adapter_changes.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { Change } from "../../tun/changes.ts";
import type { Host } from "../../tun/host.ts";
import { findNamed } from "../../tun/ownership.ts";

/** A difference between two looks at the adapters of a machine. */
export type AdapterEvent =
  | { readonly event: "added" | "removed"; readonly adapter: AdapterInfo }
  | {
    readonly event: "changed";
    /** The adapter after the changes. */
    readonly adapter: AdapterInfo;
    /** Its name before them. */
    readonly name: string;
    readonly changes: readonly Change[];
  };

/**
 * The adapters that somebody watches: all that `list` returns, or those that names mean. A name may be one that no adapter has yet.
 * Once an adapter has the name, the name means that adapter until it is gone, also if it is renamed.
 */
export class WatchedAdapters {
  readonly #host: Host;
  readonly #names: readonly string[];
  readonly #categories: boolean;
  /** The GUIDs of the adapters that the names mean. */
  readonly #guids = new Map<string, string>();
  #seen: ReadonlyMap<string, AdapterInfo> = new Map();

  /**
   * @param names Names, GUIDs, or `ifIndex:7`. None: all adapters.
   * @param categories Whether to ask Windows for the categories of their networks, too.
   */
  constructor(host: Host, names: readonly string[], { categories = false } = {}) {
    this.#host = host;
    this.#names = names;
    this.#categories = categories;
  }

  /** The adapters as the last look has shown them, in the order of `list`. */
  get adapters(): readonly AdapterInfo[] {
    return [...this.#seen.values()];
  }

  /** Looks at the machine, and returns what differs from the last look. Before the first one there are no adapters. */
  async look(): Promise<readonly AdapterEvent[]> {
    const before = this.#seen;
    const adapters = await this.#find();
    this.#seen = new Map(adapters.map((info) => [keyOf(info), info]));
    return [
      ...before.entries().filter(([key]) => !this.#seen.has(key))
        .map(([, adapter]): AdapterEvent => ({ event: "removed", adapter })),
      ...adapters.flatMap((adapter) => eventOf(before.get(keyOf(adapter)), adapter)),
    ];
  }

  /** Returns the adapter that the name means, as the last look has shown it. */
  adapterOf(name: string): AdapterInfo | undefined {
    return this.#seen.get(this.#guids.get(name) ?? "");
  }

  async #find(): Promise<readonly AdapterInfo[]> {
    // A name also means leftovers, as it does for list.
    const all = this.#names.length > 0;
    const adapters = await this.#host.list({ all, categories: this.#categories });
    if (!all) return adapters;
    return [...new Set(this.#names.flatMap((name) => this.#follow(adapters, name) ?? []))];
  }

  #follow(adapters: readonly AdapterInfo[], name: string): AdapterInfo | undefined {
    const known = this.#guids.get(name);
    const found = adapters.find((info) => keyOf(info) === known) ?? findNamed(adapters, name);
    if (found === undefined) this.#guids.delete(name);
    else this.#guids.set(name, keyOf(found));
    return found;
  }
}

/** Returns what an adapter is recognized by. A device of an old Wintun may have no GUID. */
function keyOf({ guid, instanceId }: AdapterInfo): string {
  return guid === "" ? instanceId : guid;
}

function eventOf(before: AdapterInfo | undefined, adapter: AdapterInfo): AdapterEvent | [] {
  if (before === undefined) return { event: "added", adapter };
  const changes = adapterChanges(before, adapter);
  return changes.length === 0 ? [] : { event: "changed", adapter, name: before.name, changes };
}
