import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decodeOrder, encodeOrder, type KeeperOrder, readOrder } from "../../src/keeper/order.ts";
import { parseCidr } from "../../src/wire/cidr.ts";
import { parseIpAddress } from "../../src/wire/ip_address.ts";

const REQUEST = {
  name: 'Käfig "🦊" & %PATH% $(x)',
  type: "Wintun",
  guid: "deadbabe-cafe-beef-0123-456789abcdef",
};

const FULL: KeeperOrder = {
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

const streamOf = (...chunks: string[]): ReadableStream<Uint8Array> =>
  ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));

for (const isTrusted of [true, false]) {
  const order = { ...FULL, dll: { path: "C:\\Program Files\\wintun\\wintun.dll", isTrusted } };
  Deno.test(`an order with a DLL, trusted: ${isTrusted}, is the same on the other side`, () => {
    assertEquals(decodeOrder(encodeOrder(order)), order);
  });
}

Deno.test("an order without settings or permissions has none on the other side", () => {
  const order: KeeperOrder = { request: REQUEST, settings: {}, removeLegacy: false };
  assertEquals(decodeOrder(encodeOrder(order)), order);
});

for (const value of [undefined, null, 1, "true", {}]) {
  Deno.test(`decodeOrder() takes ${JSON.stringify(value)} for no permission`, () => {
    const text = JSON.stringify({
      request: REQUEST,
      dll: { path: "x.dll", isTrusted: value },
      removeLegacy: value,
    });
    const { dll, removeLegacy } = decodeOrder(text);
    assertEquals([dll?.isTrusted, removeLegacy], [false, false]);
  });
}

Deno.test("readOrder() puts an order together that comes in pieces", async () => {
  const text = encodeOrder(FULL);
  assertEquals(await readOrder(streamOf(text.slice(0, 9), text.slice(9, 60), text.slice(60))), FULL);
});

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

Deno.test("readOrder() does not read without end", async () => {
  const endless = new ReadableStream<Uint8Array>({
    pull: (to) => to.enqueue(new Uint8Array(65536).fill(0x20)),
  });
  await assertRejects(() => readOrder(endless), SyntaxError, "too long");
});

Deno.test("an order whose GUID is none is refused", () => {
  for (const guid of ["", "lab", "deadbabe-cafe-beef-0123-456789abcde"]) {
    const text = JSON.stringify({ request: { ...REQUEST, guid }, settings: {} });
    assertThrows(() => decodeOrder(text), SyntaxError, `no GUID, but "${guid}"`);
  }
});
