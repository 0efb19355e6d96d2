import { type Change, Changes, metricText } from "./changes.ts";
import type { AdapterRequest, Settings } from "./host.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import { type Cidr, formatCidr, parseCidr } from "../wire/cidr.ts";
import { normalGuid } from "../wire/guid.ts";
import { formatIpAddress, type IpAddress, parseIpAddress } from "../wire/ip_address.ts";

/** The adapter that a service is to create and hold. */
export interface AdapterOrder {
  readonly request: AdapterRequest & { readonly guid: string };
  readonly settings: Settings;
  /** The wintun.dll to use instead of the program's own. */
  readonly dll?: ChosenDll;
  /** Whether devices of Wintun 0.13 or older may be removed for it. */
  readonly removeLegacy: boolean;
}

/** Encodes an order as JSON. Addresses are text. */
export function encodeOrder({ request, settings, dll, removeLegacy }: AdapterOrder): string {
  const { name, type, guid, persistent = false } = request;
  const { addresses, mtu, metric, dns, routes } = settings;
  return JSON.stringify({
    request: { name, type, guid, persistent },
    settings: {
      addresses: addresses?.map(formatCidr),
      mtu,
      metric,
      dns: dns?.map(formatIpAddress),
      routes: routes?.map(formatCidr),
    },
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
  return { ...order, settings: { ...order.settings, ...settings } };
}

/** Returns the changes of the settings from one order to another. */
export function orderChanges(
  { settings: before }: AdapterOrder,
  { settings: after }: AdapterOrder,
): readonly Change[] {
  const changes = new Changes();
  if (after.mtu !== undefined && after.mtu !== before.mtu) {
    changes.addValue("mtu", before.mtu?.toString(), `${after.mtu}`);
  }
  if (after.metric !== undefined && after.metric !== before.metric) {
    const from = before.metric === undefined ? undefined : metricText(before.metric);
    changes.addValue("metric", from, metricText(after.metric));
  }
  changes.addList("address", texts(before.addresses, formatCidr), texts(after.addresses, formatCidr));
  changes.addList("dns", texts(before.dns, formatIpAddress), texts(after.dns, formatIpAddress));
  changes.addList("route", texts(before.routes, formatCidr), texts(after.routes, formatCidr));
  return changes.list();
}

function texts<T>(list: readonly T[] = [], format: (one: T) => string): readonly string[] {
  return list.map(format);
}

function decodeSettings(settings: Record<string, unknown>): Settings {
  const { addresses, mtu, metric, dns, routes } = settings;
  return {
    ...list<Cidr>("addresses", addresses, parseCidr),
    ...list<IpAddress>("dns", dns, parseIpAddress),
    ...list<Cidr>("routes", routes, parseCidr),
    ...(typeof mtu === "number" ? { mtu } : {}),
    ...(typeof metric === "number" ? { metric } : {}),
  };
}

function list<T>(name: string, texts: unknown, parse: (text: string) => T): Record<string, readonly T[]> {
  return Array.isArray(texts) ? { [name]: texts.map((text) => parse(String(text))) } : {};
}
