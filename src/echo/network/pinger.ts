import {
  buildIcmpEchoRequest,
  ICMP_CODE,
  ICMP_ECHO_REPLY,
  ICMP_HEADER_LENGTH,
  ICMP_IDENTIFIER,
  ICMP_SEQUENCE,
  ICMP_TYPE,
  ICMPV6_ECHO_REPLY,
} from "../../wire/icmp.ts";
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from "../../wire/ip_protocol.ts";
import { readUint16 } from "../../wire/packet.ts";
import type { IncomingPacket } from "./incoming.ts";
import type { PingReply } from "./ping_reply.ts";
import type { PingPlan } from "./plan.ts";

/** The bytes of data in a request, as ping(8) has them. */
const PAYLOAD_BYTES = 56;
/** The number of requests that are remembered. A reply to an older one is ignored. */
const REMEMBERED = 1024;
const SEQUENCES = 0x1_0000;
/** The most replies to one request that are reported, so that a flood of them does not fill the memory of their reader. */
const MOST_REPLIES = 10;

/** The network's own pings. Times are microseconds of the network's clock. */
export class Pinger {
  /** When the next request is due. */
  nextUs: number;
  readonly plan: PingPlan;
  readonly #identifier: number;
  readonly #onReply: (reply: PingReply) => void;
  #sequence = 0;
  // By the remainder of the sequence: the request, when it was sent, and how many replies have come.
  readonly #sequences = new Float64Array(REMEMBERED);
  readonly #sentUs = new Float64Array(REMEMBERED);
  readonly #replies = new Uint8Array(REMEMBERED);

  /**
   * @param identifier Of the requests, 0 to 65535.
   * @param nowUs The first request is due now.
   * @param onReply Is called with each reply.
   */
  constructor(plan: PingPlan, identifier: number, nowUs: number, onReply: (reply: PingReply) => void) {
    this.plan = plan;
    this.#identifier = identifier;
    this.#onReply = onReply;
    this.nextUs = nowUs;
  }

  /** Returns the request that is due, and sets the time of the next one. @param hopLimit TTL, or hop limit. */
  nextRequest(nowUs: number, hopLimit: number): Uint8Array {
    const sequence = ++this.#sequence;
    const remainder = sequence % REMEMBERED;
    this.#sequences[remainder] = sequence;
    this.#sentUs[remainder] = nowUs;
    this.#replies[remainder] = 0;
    // Requests that could not be sent in time are left out.
    const intervalUs = 1000 * this.plan.intervalMs;
    this.nextUs += intervalUs * Math.max(1, Math.ceil((nowUs - this.nextUs) / intervalUs));
    return buildIcmpEchoRequest({
      source: this.plan.source,
      destination: this.plan.target,
      hopLimit,
      identifier: this.#identifier,
      sequence: sequence % SEQUENCES,
      payload: Uint8Array.from({ length: PAYLOAD_BYTES }, (_, index) => index),
    });
  }

  /**
   * Takes a packet if it is the reply to one of the requests, and reports it. Otherwise returns false.
   *
   * @param memory Holds the packet.
   * @param clock Reads the time, with which `nextRequest()` was called. It is read for a reply only.
   */
  take(packet: IncomingPacket, memory: Uint8Array, clock: () => number): boolean {
    if (!this.#isReply(packet, memory)) return false;
    const sequence = this.#sequenceOf(readUint16(memory, packet.upper + ICMP_SEQUENCE));
    const remainder = sequence % REMEMBERED;
    if (sequence < 1 || this.#sequences[remainder] !== sequence) return false;
    if (this.#replies[remainder] === MOST_REPLIES) return false;
    const isDuplicate = this.#replies[remainder]++ > 0;
    this.#onReply({
      sequence,
      bytes: packet.length,
      timeToLive: packet.hopLimit,
      roundTripUs: Math.round(clock() - this.#sentUs[remainder]),
      isDuplicate,
    });
    return true;
  }

  #isReply(packet: IncomingPacket, memory: Uint8Array): boolean {
    const { source, target } = this.plan;
    const isV4 = packet.family === 4;
    if (packet.family !== target.family || packet.protocol !== (isV4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6)) {
      return false;
    }
    if (packet.isFragment || packet.upperLength < ICMP_HEADER_LENGTH) return false;
    const { upper } = packet;
    return memory[upper + ICMP_TYPE] === (isV4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY) &&
      memory[upper + ICMP_CODE] === 0 && readUint16(memory, upper + ICMP_IDENTIFIER) === this.#identifier &&
      isAt(target.bytes, memory, packet.source) && isAt(source.bytes, memory, packet.destination) &&
      packet.hasRightChecksum;
  }

  /** Returns the newest sequence that a reply with these 16 bits may belong to. */
  #sequenceOf(bits: number): number {
    return this.#sequence - (this.#sequence % SEQUENCES - bits + SEQUENCES) % SEQUENCES;
  }
}

function isAt(address: Uint8Array, memory: Uint8Array, at: number): boolean {
  for (let i = 0; i < address.length; i++) {
    if (memory[at + i] !== address[i]) return false;
  }
  return true;
}
