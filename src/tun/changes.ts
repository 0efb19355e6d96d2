/** One setting of an adapter that `configure` changed, or would change. */
export interface Change {
  readonly setting: ListSetting | "mtu" | "metric";
  /** Empty if there was none, or if Windows does not report it. A metric that Windows chooses is `automatic`. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

type ListSetting = "address" | "dns" | "route";

/** The changes that `configure` makes to one adapter. Those of both IP versions become one change a setting. */
export class Changes {
  readonly #bySetting = new Map<Change["setting"], Change>();

  /** Adds a list before and after the change. The two may be equal: `list` then leaves it out. */
  addList(setting: ListSetting, before: readonly string[], after: readonly string[]): void {
    const known = this.#bySetting.get(setting);
    this.#bySetting.set(setting, {
      setting,
      before: [...known?.before ?? [], ...before],
      after: [...known?.after ?? [], ...after],
    });
  }

  /**
   * Adds a single value that changes. If both IP versions have it, the first one counts.
   * @param before `undefined` if there was none.
   */
  addValue(setting: "mtu" | "metric", before: string | undefined, after: string): void {
    if (!this.#bySetting.has(setting)) {
      this.#bySetting.set(setting, { setting, before: before === undefined ? [] : [before], after: [after] });
    }
  }

  /** Returns the settings that differ, in the order in which they were added. */
  list(): readonly Change[] {
    return Array.from(this.#bySetting.values()).filter(differs);
  }
}

/** Returns an interface metric as changes show it. @param metric 0 means automatic. */
export function metricText(metric: number): string {
  return metric === 0 ? "automatic" : `${metric}`;
}

/** Windows queries the first DNS server first, so the order of these matters. Addresses and routes have no order. */
function differs({ setting, before, after }: Change): boolean {
  const text = (list: readonly string[]): string => (setting === "dns" ? list : list.toSorted()).join();
  return text(before) !== text(after);
}
