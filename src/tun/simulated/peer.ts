import { internetChecksum, sumPseudoHeader } from "../../wire/checksum.ts";
import { addressesOfNoHost, type Cidr, containsAddress, networkOf } from "../../wire/cidr.ts";
import {
  buildIcmpEchoRequest,
  ICMP_CHECKSUM,
  ICMP_ECHO_REPLY,
  ICMP_SEQUENCE,
  ICMP_TYPE,
  ICMPV6_ECHO_REPLY,
} from "../../wire/icmp.ts";
import { equalIpAddress, formatIpAddress, type IpAddress } from "../../wire/ip_address.ts";
import { PROTOCOL_ICMPV6 } from "../../wire/ip_protocol.ts";
import { IPV4_HEADER_LENGTH } from "../../wire/ipv4.ts";
import { IPV6_HEADER_LENGTH } from "../../wire/ipv6.ts";
import { readUint16, writeUint16 } from "../../wire/packet.ts";
import type { SimulatedLink } from "./device.ts";

/** The result of a ping. */
export type PeerEvent =
  | { readonly type: "answered"; readonly target: string }
  /** The reply differs from that of RFC 792 or RFC 4443; `reason` is a sentence. */
  | { readonly type: "wrong"; readonly reason: string };

/** The time between looks for replies: while a ping is outstanding, and otherwise. */
const BUSY_POLL_MS = 2;
const IDLE_POLL_MS = 20;
/** At most so many pings are outstanding. Another one replaces the oldest. */
const MAX_OUTSTANDING = 64;

const IDENTIFIER = 0x7774;
/** The hop limit that Windows uses. Replies must have 64. */
const REQUEST_HOP_LIMIT = 128;
const REPLY_HOP_LIMIT = 64;
/** The payload of ping.exe. */
const PAYLOAD = new TextEncoder().encode("abcdefghijklmnopqrstuvwabcdefghi");

interface Ping {
  readonly target: IpAddress;
  readonly expectedReply: Uint8Array;
}

/**
 * The machine on the other side of a simulated adapter. It sends pings as Windows does: from the adapter's address to the
 * other addresses of the subnet, one after the other. It compares every byte of the replies.
 */
export class SimulatedPeer {
  readonly #link: SimulatedLink;
  readonly #addresses: () => readonly Cidr[];
  readonly #intervalMs: number;
  readonly #report: (event: PeerEvent) => void;
  readonly #outstanding = new Map<string, Ping>();
  /** The address of the last ping in each subnet. */
  readonly #lastTargets = new WeakMap<Cidr, IpAddress>();
  #round = 0;
  #sequence = 0;
  #nextPingAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts at once. The first ping is sent when the session has a reader.
   * @param addresses Returns the adapter's current addresses.
   * @param intervalMs Milliseconds between two pings of a family.
   * @param report Receives the result of each ping.
   */
  constructor(
    link: SimulatedLink,
    addresses: () => readonly Cidr[],
    intervalMs: number,
    report: (event: PeerEvent) => void,
  ) {
    this.#link = link;
    this.#addresses = addresses;
    this.#intervalMs = intervalMs;
    this.#report = report;
    this.#schedule();
  }

  /** Checks the replies that have arrived, and sends no more pings. Idempotent. */
  finish(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#checkReplies();
  }

  #schedule(): void {
    const delay = this.#outstanding.size > 0 ? BUSY_POLL_MS : Math.min(IDLE_POLL_MS, this.#intervalMs);
    this.#timer = setTimeout(() => {
      // Deno 2.6 calls this although the timer was cleared, if it was due by then.
      if (this.#timer === undefined) return;
      this.#schedule();
      this.#checkReplies();
      const now = performance.now();
      if (!this.#link.hasReader || now < this.#nextPingAt) return;
      this.#nextPingAt = now + this.#intervalMs;
      this.#pingEachFamily();
    }, delay);
  }

  #pingEachFamily(): void {
    const addresses = this.#addresses().filter((cidr) => nextTarget(cidr, cidr.address) !== undefined);
    for (const family of [4, 6]) {
      const subnets = addresses.filter(({ address }) => address.family === family);
      if (subnets.length > 0) this.#ping(subnets[this.#round % subnets.length]);
    }
    this.#round++;
  }

  #ping(subnet: Cidr): void {
    const target = nextTarget(subnet, this.#lastTargets.get(subnet) ?? subnet.address);
    if (target === undefined) return;
    this.#lastTargets.set(subnet, target);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const request = buildIcmpEchoRequest({
      source: subnet.address,
      destination: target,
      hopLimit: REQUEST_HOP_LIMIT,
      identification: this.#sequence,
      identifier: IDENTIFIER,
      sequence: this.#sequence,
      payload: PAYLOAD,
    });
    if (!this.#link.deliver(request)) return;
    if (this.#outstanding.size >= MAX_OUTSTANDING) {
      this.#outstanding.delete(this.#outstanding.keys().next().value!);
    }
    this.#outstanding.set(pingKey(request), {
      target,
      expectedReply: buildReply(subnet.address, target, this.#sequence),
    });
  }

  #checkReplies(): void {
    for (let reply = this.#link.collect(); reply !== undefined; reply = this.#link.collect()) {
      const key = pingKey(reply);
      const ping = this.#outstanding.get(key);
      if (ping === undefined) {
        this.#report({ type: "wrong", reason: `a packet of ${reply.length} bytes answers no ping` });
        continue;
      }
      this.#outstanding.delete(key);
      const target = formatIpAddress(ping.target);
      const difference = findDifference(reply, ping.expectedReply);
      if (difference === undefined) this.#report({ type: "answered", target });
      else this.#report({ type: "wrong", reason: `the reply from ${target} has ${difference}` });
    }
  }
}

/**
 * Returns the next address after `last` that another host of the subnet may have; after the last one, the first. Returns
 * `undefined` if the subnet has a single address.
 */
function nextTarget(subnet: Cidr, last: IpAddress): IpAddress | undefined {
  if (subnet.prefixLength === 8 * subnet.address.bytes.length) return undefined;
  const excluded = [subnet.address, ...addressesOfNoHost(subnet)];
  let target = last;
  do {
    target = successor(target);
    if (!containsAddress(subnet, target)) target = networkOf(subnet).address;
  } while (excluded.some((address) => equalIpAddress(target, address)));
  return target;
}

/** Returns the address plus one. The highest address is followed by zero. */
function successor(address: IpAddress): IpAddress {
  const bytes = address.bytes.slice();
  for (let index = bytes.length - 1; index >= 0; index--) {
    bytes[index]++;
    if (bytes[index] !== 0) break;
  }
  return { family: address.family, bytes };
}

/** Builds the expected reply without the request: it checks the responder, which changes the request into the reply. */
function buildReply(pinger: IpAddress, target: IpAddress, sequence: number): Uint8Array {
  const reply = buildIcmpEchoRequest({
    source: target,
    destination: pinger,
    hopLimit: REPLY_HOP_LIMIT,
    identification: sequence,
    identifier: IDENTIFIER,
    sequence,
    payload: PAYLOAD,
  });
  const icmp = icmpOffset(reply);
  const length = reply.length - icmp;
  const isV6 = target.family === 6;
  reply[icmp + ICMP_TYPE] = isV6 ? ICMPV6_ECHO_REPLY : ICMP_ECHO_REPLY;
  writeUint16(reply, icmp + ICMP_CHECKSUM, 0);
  const sum = isV6 ? sumPseudoHeader(target.bytes, pinger.bytes, PROTOCOL_ICMPV6, length) : 0;
  writeUint16(reply, icmp + ICMP_CHECKSUM, internetChecksum(reply, icmp, length, sum));
  return reply;
}

/** Returns a key that is the same for a ping's request and its reply: IP version and sequence number. */
function pingKey(packet: Uint8Array): string {
  return `${packet[0] >> 4}/${readUint16(packet, icmpOffset(packet) + ICMP_SEQUENCE)}`;
}

function icmpOffset(packet: Uint8Array): number {
  return packet[0] >> 4 === 6 ? IPV6_HEADER_LENGTH : IPV4_HEADER_LENGTH;
}

/** The start of each header field by family, in bytes. A field ends where the next one starts. RFC 791, RFC 8200. */
const FIELDS: Readonly<Record<4 | 6, readonly (readonly [start: number, name: string])[]>> = {
  4: [[0, "header"], [8, "TTL"], [9, "protocol"], [10, "header checksum"], [12, "source"], [
    16,
    "destination",
  ]],
  6: [[0, "header"], [7, "hop limit"], [8, "source"], [24, "destination"]],
};
/** The same for the fields of an ICMP echo message. RFC 792, RFC 4443. */
const ICMP_FIELDS = [[0, "type"], [1, "code"], [2, "checksum"], [4, "identifier"], [6, "sequence"], [
  8,
  "payload",
]] as const;

function findDifference(actual: Uint8Array, expected: Uint8Array): string | undefined {
  if (actual.length !== expected.length) return `${actual.length} bytes, not ${expected.length}`;
  const at = expected.findIndex((byte, index) => byte !== actual[index]);
  return at < 0 ? undefined : `${actual[at]}, not ${expected[at]}, in byte ${at} (${fieldAt(expected, at)})`;
}

function fieldAt(packet: Uint8Array, at: number): string {
  const icmp = icmpOffset(packet);
  if (at >= icmp) return `ICMP ${ICMP_FIELDS.findLast(([start]) => icmp + start <= at)![1]}`;
  const family = packet[0] >> 4 === 6 ? 6 : 4;
  return `IPv${family} ${FIELDS[family].findLast(([start]) => start <= at)![1]}`;
}
