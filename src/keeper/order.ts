import type { AdapterRequest, Settings } from "../tun/host.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import { type Cidr, formatCidr, parseCidr } from "../wire/cidr.ts";
import { normalGuid } from "../wire/guid.ts";
import { formatIpAddress, type IpAddress, parseIpAddress } from "../wire/ip_address.ts";

/** The adapter that a keeper is to create and hold. */
export interface KeeperOrder {
  readonly request: AdapterRequest & { readonly guid: string };
  readonly settings: Settings;
  /** The wintun.dll to use instead of the program's own. */
  readonly dll?: ChosenDll;
  /** Whether devices of Wintun 0.13 or older may be removed for it. */
  readonly removeLegacy: boolean;
}

/** UTF-16 units; more than any order needs. The sender is this program, so the limit only guards against mistakes. */
const MAX_ORDER_UNITS = 1024 * 1024;

/** Encodes an order as JSON. Addresses are text. */
export function encodeOrder({ request, settings, dll, removeLegacy }: KeeperOrder): string {
  const { name, type, guid } = request;
  const { addresses, mtu, metric, dns, routes } = settings;
  return JSON.stringify({
    request: { name, type, guid },
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
export function decodeOrder(text: string): KeeperOrder {
  const { request, settings, dll, removeLegacy } = JSON.parse(text) ?? {};
  const { name, type, guid } = request ?? {};
  if (typeof name !== "string" || typeof type !== "string" || typeof guid !== "string") {
    throw new SyntaxError("this is no order for a keeper");
  }
  if (normalGuid(guid) === undefined) throw new SyntaxError(`the order has no GUID, but "${guid}"`);
  return {
    request: { name, type, guid },
    settings: decodeSettings(settings ?? {}),
    ...(typeof dll?.path === "string" ? { dll: { path: dll.path, isTrusted: dll.isTrusted === true } } : {}),
    removeLegacy: removeLegacy === true,
  };
}

/**
 * Reads an order from a stream, to its end.
 * @throws as `decodeOrder` does; {SyntaxError} also if the text has more than 1 Mi UTF-16 units.
 */
export async function readOrder(stream: ReadableStream<Uint8Array>): Promise<KeeperOrder> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > MAX_ORDER_UNITS) throw new SyntaxError("the order is too long");
  }
  return decodeOrder(text);
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
