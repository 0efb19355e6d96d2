import { assertEquals, assertThrows } from "@std/assert";
import {
  type AdapterOrder,
  decodeOrder,
  encodeOrder,
  orderChanges,
  withSettings,
} from "../../src/tun/adapter_order.ts";
import { parseCidr } from "../../src/wire/cidr.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";
import { validate } from "../validation.ts";

const REQUEST = {
  name: 'Käfig "🦊" & %PATH% $(x)',
  type: "Wintun",
  guid: "deadbabe-cafe-beef-0123-456789abcdef",
};

const FULL: AdapterOrder = {
  request: REQUEST,
  settings: {
    addresses: [parseCidr("10.6.7.7/24"), parseCidr("fd00::7/64")],
    mtu: 1400,
    metric: 0,
    dns: [parseIpAddress("10.6.7.1"), parseIpAddress("fd00::1")],
    routes: [parseCidr("10.9.0.0/16")],
  },
  dll: { path: "C:\\Program Files\\wintun\\wintun.dll", isTrusted: true },
  removeLegacy: true,
};

for (const isTrusted of [true, false]) {
  const order = { ...FULL, dll: { path: "C:\\Program Files\\wintun\\wintun.dll", isTrusted } };
  Deno.test(`an order with a DLL, trusted: ${isTrusted}, is the same on the other side`, () => {
    assertEquals(decodeOrder(encodeOrder(order)), order);
    validate("order", JSON.parse(encodeOrder(order)));
  });
}

Deno.test("an order without settings or permissions has none on the other side", () => {
  const order: AdapterOrder = { request: REQUEST, settings: {}, removeLegacy: false };
  assertEquals(decodeOrder(encodeOrder(order)), order);
});

Deno.test("an order for a persistent adapter is one on the other side, and no other is", () => {
  const order = { ...FULL, request: { ...REQUEST, persistent: true } };
  assertEquals(decodeOrder(encodeOrder(order)), order);
  assertEquals(decodeOrder(encodeOrder(FULL)).request.persistent, undefined);
});

Deno.test("withSettings() replaces the settings that are given, and keeps the others", () => {
  const { settings, ...rest } = withSettings(FULL, { mtu: 1300, routes: [] });
  assertEquals(settings, { ...FULL.settings, mtu: { 4: 1300, 6: 1300 }, routes: [] });
  assertEquals({ ...rest, settings: FULL.settings }, FULL);
});

Deno.test("an order keeps a value of one IP version, and what is given back to Windows", () => {
  const changed = withSettings(withSettings(FULL, { mtu: { 6: 1280 } }), { metric: 0, dns: [] });
  assertEquals(decodeOrder(encodeOrder(changed)).settings.mtu, { 4: 1400, 6: 1280 });
  assertEquals(decodeOrder(encodeOrder(changed)).settings.dns, []);
});

Deno.test("orderChanges() names the settings that differ from those of a new adapter, and from those before", () => {
  const none: AdapterOrder = { request: REQUEST, settings: {}, removeLegacy: false };
  const settings = { mtu: 1400, metric: 0, addresses: [parseCidr("10.6.7.7/24")] };
  assertEquals(orderChanges(none, withSettings(none, settings)), [
    { setting: "mtu", before: ["65535"], after: ["1400"] },
    { setting: "address", before: [], after: ["10.6.7.7/24"] },
  ]);
  assertEquals(orderChanges(FULL, withSettings(FULL, { mtu: 1300, metric: 0 })), [
    { setting: "mtu", before: ["1400"], after: ["1300"] },
  ]);
});

for (const value of [undefined, null, 1, "true", {}]) {
  Deno.test(`decodeOrder() takes ${JSON.stringify(value)} for no permission`, () => {
    const text = JSON.stringify({
      request: { ...REQUEST, persistent: value },
      dll: { path: "x.dll", isTrusted: value },
      removeLegacy: value,
    });
    const { request, dll, removeLegacy } = decodeOrder(text);
    assertEquals([request.persistent, dll?.isTrusted, removeLegacy], [undefined, false, false]);
  });
}

for (
  const text of [
    "",
    "null",
    "{}",
    "[]",
    '{"request":{"name":"lab"}}',
    '{"request":{"name":1,"type":"T","guid":"g"}}',
  ]
) {
  Deno.test(`decodeOrder() refuses ${JSON.stringify(text)}`, () => {
    assertThrows(() => decodeOrder(text), SyntaxError);
  });
}

Deno.test("an order whose GUID is none is refused", () => {
  for (const guid of ["", "lab", "deadbabe-cafe-beef-0123-456789abcde"]) {
    const text = JSON.stringify({ request: { ...REQUEST, guid }, settings: {} });
    assertThrows(() => decodeOrder(text), SyntaxError, `no GUID, but "${guid}"`);
  }
});
