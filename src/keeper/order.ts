import type { AdapterRequest, Settings } from "../tun/host.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import { type Cidr, formatCidr, parseCidr } from "../wire/cidr.ts";
import { normalGuid } from "../wire/guid.ts";
import { formatIpAddress, type IpAddress, parseIpAddress } from "../wire/ip_address.ts";

/** What a keeper is asked to hold. */
export interface KeeperOrder {
  readonly request: AdapterRequest & { readonly guid: string };
  readonly settings: Settings;
  /** The wintun.dll to use instead of the program's own. */
  readonly dll?: ChosenDll;
  /** Whether devices of an old Wintun may be removed for it. */
  readonly removeLegacy: boolean;
}

/** Longer than any order; the sender is our own process, so this only stops an accident. */
const MAX_ORDER_BYTES = 1024 * 1024;

/** An order as one line of JSON; addresses are text. */
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

/** Reads what `encodeOrder` wrote. @throws {SyntaxError} for anything else. */
export function decodeOrder(text: string): KeeperOrder {
  const { request, settings, dll, removeLegacy } = JSON.parse(text);
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

/** Reads an order from the stream of whoever started the keeper, to its end. */
export async function readOrder(stream: ReadableStream<Uint8Array>): Promise<KeeperOrder> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > MAX_ORDER_BYTES) throw new SyntaxError("the order is too long");
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
