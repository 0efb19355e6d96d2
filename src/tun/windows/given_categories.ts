import type { SettableCategory } from "../../windows/network/network_list.ts";
import type { Registry } from "../../windows/registry.ts";
import { normalGuid } from "../../wire/guid.ts";
import { givenCategory, readCategory } from "../settings/category.ts";
import { RECORDS } from "./process_records.ts";

const VALUE = "Category";

/**
 * The categories that the holders of adapters give to their networks. They are in the registry, beside the records of the
 * holders: whoever changes the setting is another process than the holder. A restart of Windows deletes them.
 */
export class GivenCategories {
  readonly #registry: Registry;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /**
   * Returns the category that the holder of the adapter with that GUID gives to its network. `undefined` if it is left to Windows.
   * @param guid Lower case, without braces.
   */
  get(guid: string): SettableCategory | undefined {
    using key = this.#registry.open(keyOf(guid));
    return givenCategory(readCategory(key?.text(VALUE) ?? "") ?? "default");
  }

  /** Makes the holder give this category to the network, or leave it to Windows. @throws {Win32Error} */
  set(guid: string, category: SettableCategory | undefined): void {
    if (category === undefined) return this.forget(guid);
    using key = this.#registry.createVolatile(keyOf(guid));
    key.setText(VALUE, category);
  }

  /** Forgets the categories of holders that have died. @throws {Win32Error} */
  forgetUnheld(isHeld: (guid: string) => boolean): void {
    for (const guid of this.#guids()) {
      if (!isHeld(guid)) this.forget(guid);
    }
  }

  /** Leaves the category to Windows. Never fails. */
  forget(guid: string): void {
    // This deletes the key of the records if nothing is left in it.
    if (this.#registry.delete(keyOf(guid))) this.#registry.delete(RECORDS);
  }

  #guids(): string[] {
    using records = this.#registry.open(RECORDS);
    return records?.subkeys().filter((name) => normalGuid(name) !== undefined) ?? [];
  }
}

/** Unlike the name of a record, the name of this key has no comma. */
function keyOf(guid: string): string {
  return `${RECORDS}\\${guid}`;
}
