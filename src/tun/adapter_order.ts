import { type Change, changesBetween } from "./changes.ts";
import type { AdapterRequest } from "./host.ts";
import {
  decodeSettings,
  encodeSettings,
  mergeSettings,
  NEW_SETTINGS,
  type Settings,
} from "./settings/settings.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import { normalGuid } from "../wire/guid.ts";

/** The adapter that a service is to create and hold. */
export interface AdapterOrder {
  readonly request: AdapterRequest & { readonly guid: string };
  readonly settings: Settings;
  /** The wintun.dll to use instead of the program's own. */
  readonly dll?: ChosenDll;
  /** Whether devices of Wintun 0.13 or older may be removed for it. */
  readonly removeLegacy: boolean;
}

/** Encodes an order as JSON. */
export function encodeOrder({ request, settings, dll, removeLegacy }: AdapterOrder): string {
  const { name, type, guid, persistent = false } = request;
  return JSON.stringify({
    request: { name, type, guid, persistent },
    settings: encodeSettings(settings),
    dll,
    removeLegacy,
  });
}

/**
 * Decodes the text of `encodeOrder`.
 * @throws {SyntaxError} if the text is no order.
 * @throws {AddressSyntaxError} if an address in it is not one.
 */
export function decodeOrder(text: string): AdapterOrder {
  const { request, settings, dll, removeLegacy } = JSON.parse(text) ?? {};
  const { name, type, guid, persistent } = request ?? {};
  if (typeof name !== "string" || typeof type !== "string" || typeof guid !== "string") {
    throw new SyntaxError("this is no order for an adapter");
  }
  if (normalGuid(guid) === undefined) throw new SyntaxError(`the order has no GUID, but "${guid}"`);
  return {
    request: { name, type, guid, ...(persistent === true ? { persistent } : {}) },
    settings: decodeSettings(settings ?? {}),
    ...(typeof dll?.path === "string" ? { dll: { path: dll.path, isTrusted: dll.isTrusted === true } } : {}),
    removeLegacy: removeLegacy === true,
  };
}

/** Returns the order with other settings. What `settings` leaves out stays. */
export function withSettings(order: AdapterOrder, settings: Settings): AdapterOrder {
  return { ...order, settings: mergeSettings(order.settings, settings) };
}

/** Returns the settings that the adapter gets. Those that the order does not have are as for every new adapter. */
export function orderedSettings({ settings }: AdapterOrder): Settings {
  return mergeSettings(NEW_SETTINGS, settings);
}

/** Returns the changes of the settings from one order to another. */
export function orderChanges(before: AdapterOrder, after: AdapterOrder): readonly Change[] {
  return changesBetween(orderedSettings(before), orderedSettings(after));
}
