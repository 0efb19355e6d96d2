import type { NetworkCategory, SettableCategory } from "../../windows/network/network_list.ts";

/**
 * The category of an adapter's network as a setting. `default` leaves it to Windows. `private` and `public` are given to the
 * network whenever Windows identifies it. `domain` is only read.
 */
export type CategorySetting = NetworkCategory | "default";

/** The category that Windows gives to a new network, unless a policy chooses another one. */
export const CATEGORY_OF_NEW_NETWORKS: SettableCategory = "public";

/** Returns the category that a setting gives to the network. `undefined` if it is left to Windows. */
export function givenCategory(setting: CategorySetting): SettableCategory | undefined {
  return setting === "private" || setting === "public" ? setting : undefined;
}

/** Reads a category that can be set, or `default`. Returns `undefined` for any other text. */
export function readCategory(text: string): SettableCategory | "default" | undefined {
  return text === "private" || text === "public" || text === "default" ? text : undefined;
}
