import { addressesOfNoHost, type Cidr, containsAddress, formatCidr, networkOf } from "../../wire/cidr.ts";
import { equalIpAddress, formatIpAddress, type IpAddress } from "../../wire/ip_address.ts";
import type { SimulatedLink } from "./device.ts";
import {
  answerEcho,
  buildPing,
  buildPingReply,
  findDifference,
  hopLimitOf,
  isEchoRequest,
  type PingFields,
  pingKey,
  readPingError,
} from "./ping_packets.ts";

/** The result of a ping. */
export type PeerEvent =
  | { readonly type: "answered"; readonly target: string }
  /** An ICMP error came in place of the reply; `reason` is its name. */
  | { readonly type: "failed"; readonly target: string; readonly reason: string }
  /** The reply differs from that of RFC 792 or RFC 4443; `reason` is a sentence. */
  | { readonly type: "wrong"; readonly reason: string };

/**
 * What is behind the adapter in the place of hosts that answer everything at once. Replies may then be missing, late or
 * doubled, have a lower TTL, or be ICMP errors; and the machine answers pings.
 */
export interface PeerNetwork {
  /** The addresses to ping, one after the other. Empty: all. */
  readonly targets: readonly IpAddress[];
}

/** The time between looks for replies: while a ping is outstanding, and otherwise. */
const BUSY_POLL_MS = 2;
const IDLE_POLL_MS = 20;
/** The most outstanding pings. Another one replaces the oldest. */
const MAX_OUTSTANDING = 1024;

/** The hop limit of a reply to a ping. */
const REPLY_HOP_LIMIT = 64;

/**
 * The machine on the other side of a simulated adapter. It sends pings as Windows does: from the adapter's address to the
 * other addresses of the subnet, one after the other. It compares every byte of the replies.
 */
export class SimulatedPeer {
  readonly #link: SimulatedLink;
  readonly #addresses: () => readonly Cidr[];
  readonly #intervalMs: number;
  readonly #report: (event: PeerEvent) => void;
  readonly #network: PeerNetwork | undefined;
  readonly #outstanding = new Map<string, PingFields>();
  /** What receives the replies to pings of `ping`, by their keys. */
  readonly #waiting = new Map<string, (reply: Uint8Array) => void>();
  /** The address of the last ping in each subnet. */
  readonly #lastTargets = new Map<string, IpAddress>();
  #round = 0;
  #sequence = 0;
  #nextPingAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts at once. The first ping is sent when the session has a reader.
   * @param addresses Returns the adapter's current addresses.
   * @param intervalMs Milliseconds between two pings of a family.
   * @param report Receives the result of each ping.
   * @param network Absent: hosts that answer everything at once.
   */
  constructor(
    link: SimulatedLink,
    addresses: () => readonly Cidr[],
    intervalMs: number,
    report: (event: PeerEvent) => void,
    network?: PeerNetwork,
  ) {
    this.#link = link;
    this.#addresses = addresses;
    this.#intervalMs = intervalMs;
    this.#report = report;
    this.#network = network;
    this.#schedule();
  }

  /**
   * Pings an address as a program of the machine does. Resolves to the payload of the reply, to no bytes if something else in the
   * reply is wrong, and to `undefined` if there is none.
   * @param timeoutMs Milliseconds to wait for the reply.
   */
  async ping(target: IpAddress, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    const source = this.#sourceTowards(target);
    if (source === undefined) return undefined;
    const fields = { source, destination: target, sequence: this.#nextSequence(), payload };
    const request = buildPing(fields);
    if (!this.#link.deliver(request)) return undefined;
    const key = pingKey(request);
    let reply: Uint8Array | undefined;
    this.#waiting.set(key, (packet) => reply = packet);
    const deadlineMs = performance.now() + timeoutMs;
    while (reply === undefined && performance.now() < deadlineMs && this.#timer !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, BUSY_POLL_MS));
      this.#checkReplies();
    }
    this.#waiting.delete(key);
    if (reply === undefined) return undefined;
    return findDifference(reply, buildPingReply(fields, REPLY_HOP_LIMIT)) === undefined
      ? payload
      : new Uint8Array(0);
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
    for (const family of [4, 6] as const) {
      const targets = this.#network?.targets.filter((target) => target.family === family) ?? [];
      if (targets.length > 0) this.#pingFromAdapter(targets[this.#round % targets.length]);
      else this.#pingSubnet(family);
    }
    this.#round++;
  }

  #pingFromAdapter(target: IpAddress): void {
    const source = this.#sourceTowards(target);
    if (source !== undefined) this.#ping(source, target);
  }

  /** Returns the address of the adapter from which the machine sends to another address. */
  #sourceTowards(target: IpAddress): IpAddress | undefined {
    const ofFamily = this.#addresses().filter(({ address }) => address.family === target.family);
    return (ofFamily.find((one) => containsAddress(one, target)) ?? ofFamily[0])?.address;
  }

  /** Pings the next address of one of the subnets. */
  #pingSubnet(family: 4 | 6): void {
    const subnets = this.#addresses().filter((cidr) =>
      cidr.address.family === family && nextTarget(cidr, cidr.address) !== undefined
    );
    const subnet = subnets[this.#round % subnets.length];
    if (subnet === undefined) return;
    const key = formatCidr(subnet);
    const target = nextTarget(subnet, this.#lastTargets.get(key) ?? subnet.address)!;
    this.#lastTargets.set(key, target);
    this.#ping(subnet.address, target);
  }

  #ping(source: IpAddress, destination: IpAddress): void {
    const ping = { source, destination, sequence: this.#nextSequence() };
    const request = buildPing(ping);
    if (!this.#link.deliver(request)) return;
    if (this.#outstanding.size >= MAX_OUTSTANDING) {
      this.#outstanding.delete(this.#outstanding.keys().next().value!);
    }
    this.#outstanding.set(pingKey(request), ping);
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    return this.#sequence;
  }

  #checkReplies(): void {
    for (let packet = this.#link.collect(); packet !== undefined; packet = this.#link.collect()) {
      const receive = isEchoRequest(packet) ? undefined : this.#waiting.get(pingKey(packet));
      if (receive !== undefined) receive(packet);
      else if (this.#network === undefined) this.#checkReply(packet, REPLY_HOP_LIMIT);
      else if (isEchoRequest(packet)) this.#link.deliver(answerEcho(packet));
      else this.#checkNetworkReply(packet);
    }
  }

  /** Checks a packet that routers, and a link that is not perfect, may have changed. */
  #checkNetworkReply(packet: Uint8Array): void {
    const error = readPingError(packet);
    if (error === undefined) return this.#checkReply(packet, Math.min(REPLY_HOP_LIMIT, hopLimitOf(packet)));
    const ping = this.#outstanding.get(error.key);
    if (ping === undefined) return;
    this.#outstanding.delete(error.key);
    this.#report({ type: "failed", target: formatIpAddress(ping.destination), reason: error.reason });
  }

  /** Compares a reply with the one that its ping must get. */
  #checkReply(reply: Uint8Array, hopLimit: number): void {
    const key = pingKey(reply);
    const ping = this.#outstanding.get(key);
    if (ping === undefined) {
      // A network may send a reply twice.
      if (this.#network !== undefined) return;
      this.#report({ type: "wrong", reason: `a packet of ${reply.length} bytes answers no ping` });
      return;
    }
    this.#outstanding.delete(key);
    const target = formatIpAddress(ping.destination);
    const difference = findDifference(reply, buildPingReply(ping, hopLimit));
    if (difference === undefined) this.#report({ type: "answered", target });
    else this.#report({ type: "wrong", reason: `the reply from ${target} has ${difference}` });
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
