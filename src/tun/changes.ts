/** One setting of an adapter that `configure` changed, or would change. */
export interface Change {
  readonly setting: ListSetting | "mtu" | "metric";
  /** Empty: there was none, or Windows does not report it. A metric that Windows chooses is `automatic`. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

type ListSetting = "address" | "dns" | "route";

/** What `configure` changes of one adapter. It is told of one IP version after the other, and reports both as one. */
export class Changes {
  readonly #bySetting = new Map<Change["setting"], Change>();

  /** Notes a list as it is and as it shall be, whether or not these differ. */
  addList(setting: ListSetting, before: readonly string[], after: readonly string[]): void {
    const known = this.#bySetting.get(setting);
    this.#bySetting.set(setting, {
      setting,
      before: [...known?.before ?? [], ...before],
      after: [...known?.after ?? [], ...after],
    });
  }

  /** Notes a single value that is changed. If both IP versions have it, the first one counts. */
  addValue(setting: "mtu" | "metric", before: string, after: string): void {
    if (!this.#bySetting.has(setting)) {
      this.#bySetting.set(setting, { setting, before: [before], after: [after] });
    }
  }

  /** Returns what differs, in the order in which it was noted. */
  list(): readonly Change[] {
    return Array.from(this.#bySetting.values()).filter(differs);
  }
}

/** Of several DNS servers the first is asked first; addresses and routes have no order. */
function differs({ setting, before, after }: Change): boolean {
  const text = (list: readonly string[]): string => (setting === "dns" ? list : list.toSorted()).join();
  return text(before) !== text(after);
}
