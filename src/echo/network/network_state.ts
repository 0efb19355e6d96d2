import { IPV4_SOURCE } from "../../wire/ipv4.ts";
import { IPV6_SOURCE } from "../../wire/ipv6.ts";
import { DROPPED } from "../counters.ts";
import { HOP_LIMIT } from "../responder/hop_limit.ts";
import { NetworkComments } from "./comments.ts";
import { createDelayQueue } from "./delay_queue.ts";
import { type Outlet, type OutletState, PING } from "./outlet.ts";
import { OWN_PACKET_BYTES } from "./own_packets.ts";
import type { PingReply } from "./ping_reply.ts";
import { Pinger } from "./pinger.ts";
import { createPlaces, type Places } from "./places.ts";
import type { LinkChange, NetworkPlan } from "./plan.ts";
import { createRandom } from "./random.ts";
import { NetworkTally, TOTAL } from "./statistics.ts";

/** A network that a worker plays. */
export interface NetworkRun {
  readonly plan: NetworkPlan;
  /** How long the serving has gone on already, in milliseconds. 0, unless this session takes the place of another. */
  readonly elapsedMs: number;
  /** Made by `createNetworkStatistics()`. The sessions of one serving share it. */
  readonly statistics: SharedArrayBuffer;
}

// The own memory: what routers and hosts answer; a ping; a fragment that waited for its first one; packets that wait.
const PING_START = OWN_PACKET_BYTES;
const PING_BYTES = 128;
/** The byte index of the room for one packet of any size. */
export const SPARE_START = PING_START + PING_BYTES;
const QUEUE_START = SPARE_START + 0x1_0000;
/** The room for packets that wait, if there is a delay: a third of a second at 100 MB/s. */
const QUEUE_BYTES = 32 * 1024 * 1024;

/** What the parts of a network share. */
export interface NetworkState extends OutletState {
  readonly plan: NetworkPlan;
  /** Whether a packet may have to wait, so that its time of arrival matters. */
  readonly isTimed: boolean;
  readonly places: Places;
  readonly tally: NetworkTally;
  readonly pinger: Pinger | null;
  /** Reads the time in microseconds. `nowUs` is older, by less than the time that a batch takes. */
  readonly clock: () => number;
}

/** What a loop gives its network. */
export interface NetworkSetup extends NetworkRun {
  /** See counters.ts. */
  readonly counters: Float64Array;
  /** The number of replies in `counters` after which no packet leaves. */
  readonly replyLimit: number;
  /** Reads the time in microseconds since the serving began. */
  readonly clock: () => number;
  /** Tells these pings from others: 0 to 65535. */
  readonly pingIdentifier: number;
  /** Is called with each reply to a ping. */
  readonly onPing: (reply: PingReply) => void;
}

/** Makes the state of a network, which begins now. The first ping is due. */
export function createNetworkState(
  { plan, statistics, counters, replyLimit, clock, pingIdentifier, onPing }: Omit<NetworkSetup, "elapsedMs">,
): NetworkState {
  const startUs = clock();
  const links = [plan.link, ...plan.changes.map(({ link }) => link)];
  const isTimed = links.some(mayDelay);
  const nowUs = Float64Array.of(startUs);
  const bytes = new Uint8Array(new ArrayBuffer(QUEUE_START + (isTimed ? QUEUE_BYTES : 0)));
  const tally = new NetworkTally(statistics);
  const places = createPlaces(plan);
  places.advance(startUs / 1000);
  return {
    plan,
    isTimed,
    places,
    tally,
    pinger: plan.ping === undefined ? null : new Pinger(plan.ping, pingIdentifier, startUs, (reply) => {
      if (!reply.isDuplicate) tally.floats[TOTAL.pingsAnswered]++;
      onPing(reply);
    }),
    own: {
      bytes,
      words: new Int32Array(bytes.buffer),
      queue: createDelayQueue(bytes, QUEUE_START, nowUs),
    },
    random: createRandom(plan.seed),
    nowUs,
    clock,
    counters,
    replyLimit,
    totals: tally.floats,
    comments: new NetworkComments(),
  };
}

/** Sends what is due now: packets that have waited, and a ping. */
export function sendDue(state: NetworkState, outlet: Outlet): void {
  const { nowUs, clock, pinger, own, places, totals } = state;
  places.advance(nowUs[0] / 1000);
  outlet.sendDue();
  if (pinger === null || pinger.nextUs > nowUs[0]) return;
  const family = pinger.plan.source.family;
  const sourceAt = PING_START + (family === 4 ? IPV4_SOURCE : IPV6_SOURCE);
  own.bytes.set(pinger.plan.source.bytes, sourceAt);
  const place = places.find(own.words, sourceAt >> 2, family);
  nowUs[0] = clock();
  const request = pinger.nextRequest(nowUs[0], HOP_LIMIT - place.hops);
  own.bytes.set(request, PING_START);
  totals[TOTAL.pingsSent]++;
  outlet.pass(true, PING_START, request.length, place, place.hops + 1, PING);
}

/** Counts the packets that still wait as dropped. No packet may follow. */
export function dropWaiting({ own, counters, totals }: NetworkState): void {
  counters[DROPPED] += own.queue.count;
  totals[TOTAL.waiting] -= own.queue.count;
}

/** Returns when something is due next, in microseconds; `Infinity` if nothing is. */
export function nextDueUs({ own, pinger }: NetworkState): number {
  return pinger === null ? own.queue.nextUs : Math.min(own.queue.nextUs, pinger.nextUs);
}

function mayDelay(link: LinkChange | undefined): boolean {
  return (link?.delayUs ?? 0) > 0 || (link?.jitterUs ?? 0) > 0 || (link?.rateBitsPerSecond ?? 0) > 0;
}
