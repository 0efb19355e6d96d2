import { assert, assertEquals } from "@std/assert";
import type { ResponderOptions } from "../../../src/echo/responder/options.ts";
import { createResponder, REPLY, type Verdict } from "../../../src/echo/responder/responder.ts";
import { internetChecksum } from "../../../src/wire/checksum.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { writeUint16 } from "../../../src/wire/packet.ts";

export const ALL: ResponderOptions = { icmp: true, udp: true, broadcasts: [0x0a0607ff] };
const DIRT = 0xa5;
const OFFSET = 64;

export interface Answer {
  verdict: Verdict;
  /** The bytes in the packet's place afterwards. */
  bytes: Uint8Array;
}

/** Gives packets to one responder, one after the other, in dirty memory that must stay dirty around them. */
export function respond(packets: Uint8Array[], options: ResponderOptions = ALL): Answer[] {
  const memory = new Uint8Array(new SharedArrayBuffer(OFFSET + 65536 + 64));
  const responder = createResponder(memory, options);
  return packets.map((packet) => {
    memory.fill(DIRT);
    memory.set(packet, OFFSET);
    const verdict = responder(OFFSET, packet.length);
    const bytes = memory.slice(OFFSET, OFFSET + packet.length);
    assert(memory.subarray(0, OFFSET).every((byte) => byte === DIRT), "wrote in front of the packet");
    assert(memory.subarray(OFFSET + packet.length).every((byte) => byte === DIRT), "wrote behind the packet");
    if (verdict !== REPLY) assertEquals(bytes, packet);
    return { verdict, bytes };
  });
}

export function verdictOf(packet: Uint8Array, options: ResponderOptions = ALL): Verdict {
  return respond([packet], options)[0].verdict;
}

export function replyTo(packet: Uint8Array, options: ResponderOptions = ALL): Uint8Array {
  const [{ verdict, bytes }] = respond([packet], options);
  assertEquals(verdict, REPLY);
  return bytes;
}

/** A copy with some bytes replaced; the header checksum of IPv4 is made right again. */
export function changed(packet: Uint8Array, changes: Record<number, number>): Uint8Array {
  const copy = packet.slice();
  for (const [offset, value] of Object.entries(changes)) copy[Number(offset)] = value;
  if (copy[0] >> 4 === 4) fixHeaderChecksum(copy);
  return copy;
}

export function fixHeaderChecksum(packet: Uint8Array): void {
  writeUint16(packet, 10, 0);
  writeUint16(packet, 10, internetChecksum(packet, 0, Math.min(4 * (packet[0] & 15), packet.length)));
}

export function addressed(packet: Uint8Array, source: string, destination: string): Uint8Array {
  const copy = packet.slice();
  const at = copy[0] >> 4 === 4 ? 12 : 8;
  const from = parseIpAddress(source).bytes;
  copy.set(from, at);
  copy.set(parseIpAddress(destination).bytes, at + from.length);
  if (at === 12) fixHeaderChecksum(copy);
  return copy;
}

/** The packet with `headers` (whose last next-header byte is its own) put behind the IPv6 header. */
export function extended(packet: Uint8Array, first: number, headers: number[]): Uint8Array {
  const bytes = new Uint8Array(packet.length + headers.length);
  bytes.set(packet.subarray(0, 40));
  bytes.set(headers, 40);
  bytes.set(packet.subarray(40), 40 + headers.length);
  bytes[6] = first;
  writeUint16(bytes, 4, bytes.length - 40);
  return bytes;
}
