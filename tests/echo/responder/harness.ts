import { assert, assertEquals } from "@std/assert";
import { createFragments, type Fragments } from "../../../src/echo/responder/fragments.ts";
import type { ResponderOptions } from "../../../src/echo/responder/options.ts";
import { createResponder, packetWords } from "../../../src/echo/responder/responder.ts";
import * as verdicts from "../../../src/echo/responder/verdict.ts";
import { internetChecksum, sumPseudoHeader } from "../../../src/wire/checksum.ts";
import { parseIpAddress } from "../../../src/wire/ip_address.ts";
import { readUint16, writeUint16 } from "../../../src/wire/packet.ts";

export const REPLY = "reply";
export const IGNORED = "ignored";
export const MALFORMED = "malformed";
export const HELD = "held";
/** The outcome for a packet. */
export type Outcome = typeof REPLY | typeof IGNORED | typeof MALFORMED | typeof HELD;

export const ALL: ResponderOptions = { icmp: true, udp: true, noHosts: [noHost("10.6.7.255")] };
const DIRT = 0xa5;
const OFFSET = 64;
/** 01:02:03.004 UTC of some day. */
export const NOW_MS = 1_767_315_723_004;

export interface Answer {
  verdict: Outcome;
  /** The reply; without one, the packet as it is afterwards. */
  bytes: Uint8Array;
  /** Fragments that are sent after the reply. */
  followers: Uint8Array[];
}

/** The circumstances in which a responder gets packets. */
export interface Circumstances {
  readonly options?: ResponderOptions;
  /** Whether checksums of messages are verified; absent: true. */
  readonly verifies?: boolean;
  readonly nowMs?: () => number;
}

export function noHost(address: string): Uint8Array {
  return parseIpAddress(address).bytes;
}

/** Makes a responder for packets in `memory`. Returns it with the fragments that it holds. */
export function createTestResponder(
  memory: Uint8Array,
  { options = ALL, verifies = true, nowMs = () => NOW_MS }: Circumstances = {},
): { readonly responder: verdicts.Responder; readonly fragments: Fragments } {
  const fragments = createFragments(packetWords(memory), nowMs);
  const state = { fragments, verifies: Int32Array.of(Number(verifies)), nowMs };
  return { responder: createResponder(memory, options, state), fragments };
}

/** One responder for packets in a memory full of dirt, which must stay unchanged around each packet. */
export class Subject {
  readonly fragments: Fragments;
  readonly #memory = new Uint8Array(new SharedArrayBuffer(OFFSET + 65536 + OFFSET));
  readonly #responder: verdicts.Responder;

  constructor(circumstances: Circumstances = {}) {
    const { responder, fragments } = createTestResponder(this.#memory, circumstances);
    this.#responder = responder;
    this.fragments = fragments;
  }

  give(packet: Uint8Array): Answer {
    const memory = this.#memory;
    const end = OFFSET + packet.length;
    memory.fill(DIRT, 0, end + OFFSET);
    memory.set(packet, OFFSET);
    const number = this.#responder(OFFSET, packet.length);
    const size = number > 0 ? number : number < verdicts.HELD ? -number : packet.length;
    const bytes = memory.slice(OFFSET, OFFSET + size);
    assert(memory.subarray(0, OFFSET).every((byte) => byte === DIRT), "wrote in front of the packet");
    assert(memory.subarray(end, end + OFFSET).every((byte) => byte === DIRT), "wrote behind the packet");
    const verdict = outcomeOf(number);
    if (verdict === IGNORED || verdict === MALFORMED) assertEquals(bytes, packet);
    return { verdict, bytes, followers: number < verdicts.HELD ? this.#takeFollowers() : [] };
  }

  #takeFollowers(): Uint8Array[] {
    const { fragments } = this;
    const followers: Uint8Array[] = [];
    for (let at = fragments.takeFollower(); at >= 0; at = fragments.takeFollower()) {
      followers.push(fragments.held.memory.slice(at, at + fragments.held.takenSize));
    }
    return followers;
  }
}

function outcomeOf(verdict: verdicts.Verdict): Outcome {
  if (verdict > 0 || verdict < verdicts.HELD) return REPLY;
  if (verdict === verdicts.HELD) return HELD;
  return verdict === verdicts.IGNORED ? IGNORED : MALFORMED;
}

/** Gives packets to one responder, one after the other, and returns its answers. */
export function respond(packets: Uint8Array[], circumstances: Circumstances = {}): Answer[] {
  const subject = new Subject(circumstances);
  return packets.map((packet) => subject.give(packet));
}

export function verdictOf(packet: Uint8Array, options: ResponderOptions = ALL): Outcome {
  return respond([packet], { options })[0].verdict;
}

export function replyTo(packet: Uint8Array, options: ResponderOptions = ALL): Uint8Array {
  const [{ verdict, bytes }] = respond([packet], { options });
  assertEquals(verdict, REPLY);
  return bytes;
}

/** Returns a copy with some bytes replaced and the checksums corrected. */
export function changed(packet: Uint8Array, changes: Record<number, number>): Uint8Array {
  const copy = packet.slice();
  for (const [offset, value] of Object.entries(changes)) copy[Number(offset)] = value;
  fixChecksums(copy);
  return copy;
}

/** Corrects the header checksum of IPv4, and the checksum of ICMP, ICMPv6 or UDP in a datagram that is whole. */
export function fixChecksums(packet: Uint8Array): void {
  if (packet[0] >> 4 === 4) fixHeaderChecksum(packet);
  fixMessageChecksum(packet);
}

function fixMessageChecksum(packet: Uint8Array): void {
  const isV4 = packet[0] >> 4 === 4;
  if (packet.length < (isV4 ? 20 : 40) || isV4 && readUint16(packet, 6) & 0x3fff) return;
  const [start, end] = isV4
    ? [4 * (packet[0] & 15), readUint16(packet, 2)]
    : [40, 40 + readUint16(packet, 4)];
  const protocol = packet[isV4 ? 9 : 6];
  if (end > packet.length || end - start < 8) return;
  const length = protocol === 17 ? readUint16(packet, start + 4) : end - start;
  const at = start + (protocol === 17 ? 6 : 2);
  // A UDP datagram without a checksum stays without one.
  if (length < 8 || start + length > end || protocol === 17 && readUint16(packet, at) === 0) return;
  if (protocol !== 17 && protocol !== (isV4 ? 1 : 58)) return;
  const [source, destination] = isV4
    ? [packet.subarray(12, 16), packet.subarray(16, 20)]
    : [packet.subarray(8, 24), packet.subarray(24, 40)];
  writeUint16(packet, at, 0);
  const pseudoHeader = protocol === 1 ? 0 : sumPseudoHeader(source, destination, protocol, length);
  const checksum = internetChecksum(packet, start, length, pseudoHeader);
  writeUint16(packet, at, protocol === 17 && checksum === 0 ? 0xffff : checksum);
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
  fixChecksums(copy);
  return copy;
}

/** Returns the packet with the extension headers `headers` inserted behind the IPv6 header. `first` is the type of the first. */
export function extended(packet: Uint8Array, first: number, headers: number[]): Uint8Array {
  const bytes = new Uint8Array(packet.length + headers.length);
  bytes.set(packet.subarray(0, 40));
  bytes.set(headers, 40);
  bytes.set(packet.subarray(40), 40 + headers.length);
  bytes[6] = first;
  writeUint16(bytes, 4, bytes.length - 40);
  return bytes;
}
