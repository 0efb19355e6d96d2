import { assert, assertEquals } from "@std/assert";
import { createFragmenter } from "../../../src/echo/network/fragmenter.ts";
import { internetChecksum } from "../../../src/wire/checksum.ts";
import { buildIp } from "../../../src/wire/ip.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { parseIpv4 } from "../../../src/wire/ipv4.ts";
import { readUint16, writeUint16 } from "../../../src/wire/packet.ts";
import { fragmentsOf } from "../../wire/fragments.ts";

const ENDS = { source: parseIpAddress("10.6.7.9"), destination: parseIpAddress("10.6.7.7") };
const datagram = (bytes: number): Uint8Array =>
  buildIp({ ...ENDS, identification: 7 }, 17, Uint8Array.from({ length: bytes }, (_, index) => index * 3));

function cut(packet: Uint8Array, mtu: number): Uint8Array[] {
  const memory = new Uint8Array(packet.length + 8).fill(0xa5);
  memory.set(packet, 4);
  const fragments: Uint8Array[] = [];
  createFragmenter()(memory, 4, packet.length, mtu, (at, size) => {
    assertEquals(at % 4, 0);
    fragments.push(memory.slice(at, at + size));
  });
  assertEquals([...memory.subarray(0, 4), ...memory.subarray(-4)], new Array(8).fill(0xa5));
  return fragments;
}

/** The data of fragments, each at its offset. */
function joined(fragments: readonly Uint8Array[]): Uint8Array {
  const parts = fragments.map((fragment) => ({ fragment, ip: parseIpv4(fragment) }));
  const data = new Uint8Array(
    Math.max(...parts.map(({ ip }) => ip.fragment!.offset + ip.payloadEnd - ip.payloadOffset)),
  );
  for (const { fragment, ip } of parts) {
    data.set(fragment.subarray(ip.payloadOffset, ip.payloadEnd), ip.fragment!.offset);
  }
  return data;
}

Deno.test("a fragmenter cuts a datagram as others do", () => {
  assertEquals(cut(datagram(3000), 1020), fragmentsOf(datagram(3000), 1000, 7));
  for (
    const [bytes, mtu] of [[1500, 1400], [1481, 1500], [65_515, 1500], [65_515, 68], [100, 68], [49, 68]]
  ) {
    const packet = datagram(bytes);
    const fragments = cut(packet, mtu);
    assert(
      fragments.length > 1 && fragments.every(({ length }) => length <= mtu),
      `${bytes} bytes, MTU ${mtu}`,
    );
    assertEquals(joined(fragments), packet.subarray(20));
    assertEquals(
      fragments.map((one) => parseIpv4(one).fragment!.hasMore).indexOf(false),
      fragments.length - 1,
    );
  }
});

Deno.test("a fragmenter cuts fragments again, in the middle of a datagram and at its end", () => {
  for (const fragment of fragmentsOf(datagram(3000), 1480, 7).slice(1)) {
    const { fragment: before } = parseIpv4(fragment);
    const fragments = cut(fragment, 576).map((one) => parseIpv4(one).fragment!);
    assertEquals(fragments[0].offset, before!.offset);
    assertEquals(fragments.map(({ hasMore }) => hasMore), [
      ...fragments.slice(1).map(() => true),
      before!.hasMore,
    ]);
  }
});

Deno.test("a fragmenter copies into later fragments the options that are to be in each", () => {
  // No operation; record route, which is in the first only; router alert, which is in each.
  const options = [1, 7, 7, 8, 10, 0, 0, 1, 0x94, 4, 0, 0];
  const plain = datagram(200);
  const packet = Uint8Array.of(...plain.subarray(0, 20), ...options, ...plain.subarray(20));
  packet[0] = 0x48;
  writeUint16(packet, 2, packet.length);
  writeUint16(packet, 10, 0);
  writeUint16(packet, 10, internetChecksum(packet, 0, 32));
  const [first, second, ...rest] = cut(packet, 68);
  assertEquals([...first.subarray(20, 32)], options);
  assertEquals([second[0], ...second.subarray(20, 24)], [0x46, 0x94, 4, 0, 0]);
  assertEquals(joined([first, second, ...rest]), plain.subarray(20));
  assertEquals(readUint16(first, 4), 7);
});
