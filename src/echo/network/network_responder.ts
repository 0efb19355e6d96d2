import { PROTOCOL_TCP, PROTOCOL_UDP } from "../../wire/ip_protocol.ts";
import { type ChecksumTest, createChecksumTest, swapBytes } from "../responder/checksum.ts";
import { HOP_LIMIT, setHopLimit, setTimeToLive } from "../responder/hop_limit.ts";
import { createIpv4Responder } from "../responder/ipv4.ts";
import { createIpv6Responder } from "../responder/ipv6.ts";
import type { ResponderOptions, ResponderState } from "../responder/options.ts";
import { createTransport, type Transport } from "../responder/transport.ts";
import { createUnanswerable4, createUnanswerable6 } from "../responder/unanswerable.ts";
import { HELD, IGNORED, MALFORMED, type Step, TURNED, type Verdict } from "../responder/verdict.ts";
import { IncomingPacket } from "./incoming.ts";
import {
  HOST_UNREACHABLE,
  type IcmpError,
  OwnPackets,
  PORT_UNREACHABLE,
  TIME_EXCEEDED,
  TOO_BIG,
} from "./own_packets.ts";
import type { Place, Places } from "./places.ts";
import type { NetworkPlan } from "./plan.ts";
import { TOTAL } from "./statistics.ts";

/** What the network does with a packet: `IGNORED`, `MALFORMED` or `HELD` (verdict.ts), or one of the following. */
export type Outcome = number;
/** The packet has become its reply, in place, `answer.size` bytes long. */
export const TURNED_AROUND = 1;
/** The same, and fragments that came before it are to be sent after it. */
export const TURNED_WITH_FOLLOWERS = 2;
/** Another packet answers it: `answer.size` bytes from the start of the own memory. */
export const ANSWERED_BY_OWN = 3;
/** No host is there, and nothing says so. */
export const NOBODY_THERE = 4;

/** Plays the routers and the hosts, one packet after the other. */
export interface NetworkResponder {
  /** The packet that `respond()` was given last. */
  readonly packet: IncomingPacket;
  /** Reads the packet of `size` bytes at `offset`. If it returns `TURNED`, `respond()` follows. */
  read(offset: number, size: number): Step;
  /** Plays what the network does with the packet that was read. */
  respond(): Outcome;
  /** The answer to the packet, if `respond()` has returned one. */
  readonly answer: Readonly<Answer>;
}

/** An answer. Its fields are properties, and not read by functions, because V8 then has no call to make. */
export interface Answer {
  /** Where the packet goes that it answers. */
  place: Place;
  /** Its length in bytes, and the number of links that it passes. */
  size: number;
  links: number;
  /** The MTU of these links. */
  mtu: number;
  /** Whether a router on the way sends it, and not whom the packet is for. */
  isFromRouter: boolean;
}

/** The network that a responder plays. */
export interface PlayedNetwork {
  readonly plan: NetworkPlan;
  readonly places: Places;
  /** `bytes`, from the start on, is where `OwnPackets` writes. */
  readonly own: { readonly bytes: Uint8Array };
  /** See `TOTAL` in statistics.ts. */
  readonly totals: Float64Array;
}

/**
 * Makes the part of a network that answers packets. It allocates nothing per packet and never throws, whatever the bytes
 * are. It writes only into the packet, and only if that becomes a reply, and into the own memory.
 *
 * @param memory The memory that holds the packets.
 * @param words The same memory as 32-bit words.
 */
export function createNetworkResponder(
  memory: Uint8Array,
  words: Int32Array,
  { plan, places, own, totals }: PlayedNetwork,
  options: ResponderOptions,
  state: ResponderState,
): NetworkResponder {
  const { refuse, unreachable } = plan;
  const isRight: ChecksumTest = createChecksumTest(words);
  const packet = new IncomingPacket(memory, words, isRight);
  const ownPackets = new OwnPackets(memory, words, own.bytes);
  const isUnanswerable4 = createUnanswerable4(options.noHosts ?? []);
  const isUnanswerable6 = createUnanswerable6(words, options.noHosts ?? []);
  const openPorts = openUdpPorts(options.udp, plan);
  let isRouter = false;
  /** What the packet is to be refused as: `PROTOCOL_UDP`, `PROTOCOL_TCP`, or nothing. */
  let refused = NOTHING;
  const answer: Answer = { place: places.none, size: 0, links: 1, mtu: 0, isFromRouter: false };

  const transport: Transport = createTransport(words, isRight);
  const withPorts: Transport = {
    turnEchoRequest: transport.turnEchoRequest,
    turnUdp(at: number, length: number, isWhole: boolean, needsChecksum: boolean, addresses: number): Step {
      const ports = words[at];
      const step = transport.turnUdp(at, length, isWhole, needsChecksum, addresses);
      if (step !== TURNED || !isRouter && openPorts[swapBytes(ports >>> 16)] === 1) return step;
      words[at] = ports;
      refused = PROTOCOL_UDP;
      return IGNORED;
    },
    turnOther(protocol: number, isWhole: boolean): Step {
      if (protocol === PROTOCOL_TCP && isWhole) refused = PROTOCOL_TCP;
      return IGNORED;
    },
  };
  // UDP to a port that is not open is seen, to be refused.
  const answered = { ...options, udp: true };
  const respond4 = createIpv4Responder(memory, words, withPorts, answered, state);
  const respond6 = createIpv6Responder(memory, words, withPorts, answered, state);

  /** Whether the addresses are those of two hosts. Nothing is answered or reported otherwise. */
  const hasHosts = (): boolean => {
    const source = packet.source >> 2;
    const destination = packet.destination >> 2;
    if (packet.family === 4) {
      return words[source] !== words[destination] && !isUnanswerable4(words[source]) &&
        !isUnanswerable4(words[destination]);
    }
    return !isUnanswerable6(source) && !isUnanswerable6(destination) &&
      (words[source] !== words[destination] || words[source + 1] !== words[destination + 1] ||
        words[source + 2] !== words[destination + 2] || words[source + 3] !== words[destination + 3]);
  };

  /** Answers with an error of the host or router that the packet is for. */
  const reportByDestination = (error: IcmpError): Outcome => {
    if (!packet.mayBeReported) return IGNORED;
    answer.size = ownPackets.writeError(packet, error, null, 0, answer.place.hops);
    return ANSWERED_BY_OWN;
  };

  /** Answers with an error of router `router`, from 1 on. If there are fewer, it is the last one. */
  const reportByRouter = (error: IcmpError, router: number, parameter: number): Outcome => {
    const routers = places.routers(packet.family);
    if (routers.length === 0 || !packet.mayBeReported) return IGNORED;
    const sender = routers[Math.min(router, routers.length) - 1];
    answer.size = ownPackets.writeError(packet, error, sender, parameter, router - 1);
    answer.links = router;
    answer.mtu = NO_MTU;
    answer.isFromRouter = true;
    return ANSWERED_BY_OWN;
  };

  /** Refuses what nobody takes there. */
  const refusePacket = (): Outcome => {
    if (refused === NOTHING) return IGNORED;
    if (refused === PROTOCOL_UDP) {
      return counted(TOTAL.portUnreachable, reportByDestination(PORT_UNREACHABLE));
    }
    const size = ownPackets.writeReset(packet, answer.place.hops);
    if (size <= 0) return size === 0 ? IGNORED : MALFORMED;
    answer.size = size;
    return counted(TOTAL.tcpReset, ANSWERED_BY_OWN);
  };

  /** Counts an answer that is sent. */
  const counted = (total: number, outcome: Outcome): Outcome => {
    if (outcome === ANSWERED_BY_OWN) totals[total]++;
    return outcome;
  };

  return {
    packet,
    answer,
    read(offset: number, size: number): Step {
      if (!packet.read(offset, size)) return MALFORMED;
      return hasHosts() ? TURNED : IGNORED;
    },
    respond(): Outcome {
      const { family, hopLimit, length } = packet;
      const place = places.find(words, packet.destination >> 2, family);
      const { hops } = place;
      const mtu = family === 4 ? place.mtu4 : place.mtu6;
      answer.place = place;
      answer.links = hops + 1;
      answer.mtu = mtu;
      answer.isFromRouter = false;
      // Whoever a packet is for takes it with any TTL (RFC 1122 section 3.2.1.7).
      if (hops > 0 && hopLimit <= hops) {
        return counted(TOTAL.timeExceeded, reportByRouter(TIME_EXCEEDED, Math.max(1, hopLimit), 0));
      }
      const lastRouter = Math.max(1, hops);
      if (length > mtu && packet.dontFragment) {
        return counted(TOTAL.tooBig, reportByRouter(TOO_BIG, lastRouter, mtu));
      }
      if (!place.isUp) {
        totals[TOTAL.noHost]++;
        // The machine itself is in front of the first router.
        if (!unreachable || place.router === 1) return NOBODY_THERE;
        return counted(TOTAL.hostUnreachable, reportByRouter(HOST_UNREACHABLE, lastRouter, 0));
      }

      isRouter = place.router > 0;
      refused = NOTHING;
      const at = packet.start >> 2;
      const verdict: Verdict = family === 4 ? respond4(at, length) : respond6(at, length);
      if (verdict === IGNORED) return refuse ? refusePacket() : IGNORED;
      if (verdict === MALFORMED || verdict === HELD) return verdict;
      answer.size = Math.abs(verdict);
      passBack(words, at, family, hops);
      return verdict > 0 ? TURNED_AROUND : TURNED_WITH_FOLLOWERS;
    },
  };
}

const NO_MTU = 65535;
/** No protocol. */
const NOTHING = -1;

/** Gives a reply the TTL or hop limit that the routers on its way leave. */
export function passBack(words: Int32Array, at: number, family: 4 | 6, hops: number): void {
  if (hops === 0) return;
  if (family === 4) setTimeToLive(words, at, HOP_LIMIT - hops);
  else setHopLimit(words, at, HOP_LIMIT - hops);
}

/** Returns by port whether hosts echo UDP there. */
function openUdpPorts(udp: boolean, { udpPorts }: NetworkPlan): Uint8Array {
  const open = new Uint8Array(0x1_0000);
  if (!udp) return open;
  if (udpPorts === undefined) return open.fill(1);
  for (const { first, last } of udpPorts) open.fill(1, first, last + 1);
  return open;
}
