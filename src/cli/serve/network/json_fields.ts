import type { PingReply } from "../../../echo/network/ping_reply.ts";
import type { NetworkPlan, PingPlan } from "../../../echo/network/plan.ts";
import type { HostTotals } from "../../../echo/network/statistics.ts";
import { formatIpAddress } from "../../../wire/ip_address.ts";
import { round } from "../round.ts";
import type { NetworkFigures, PingFigures } from "./figures.ts";
import { formatAddressRange } from "./ranges.ts";

// The fields that `wintun help json` describes.

/** Returns a network as it is at the beginning. */
export function planFields(plan: NetworkPlan): Record<string, unknown> {
  const { hosts, unreachable, routers, hops, pathMtu, refuse, link, seed, changes, ping } = plan;
  return {
    hosts: hosts?.map(formatAddressRange) ?? null,
    unreachable,
    refuse,
    hops,
    routers: routers.map(formatIpAddress),
    pathMtu: pathMtu ?? null,
    delayMs: link.delayUs / 1000,
    jitterMs: link.jitterUs / 1000,
    loss: link.loss,
    duplicate: link.duplicate,
    reorder: link.reorder,
    rateBitsPerSecond: link.rateBitsPerSecond ?? null,
    seed,
    changes: changes.filter(({ atMs }) => atMs > 0).length,
    ping: ping === undefined ? null : {
      address: formatIpAddress(ping.target),
      source: formatIpAddress(ping.source),
      intervalMs: ping.intervalMs,
    },
  };
}

/** Returns what has happened until now. @param hosts Those of its hosts that are to be listed. */
export function networkFields(
  { totals, forgotten, ping }: NetworkFigures,
  hosts: readonly HostTotals[],
): Record<string, unknown> {
  const { pingsSent: _sent, pingsAnswered: _answered, ...others } = totals;
  return {
    network: { ...others, forgottenHosts: forgotten },
    hosts: hosts.map(({ address, packets, bytes, answered, lost, dropped }) => ({
      address: formatIpAddress(address),
      packets,
      bytes,
      answered,
      lost,
      dropped,
    })),
    ...(ping === undefined ? {} : { ping: summaryFields(ping) }),
  };
}

/** Returns the reply to a ping of the network. */
export function replyFields({ target }: PingPlan, reply: PingReply): Record<string, unknown> {
  const { sequence, bytes, timeToLive, roundTripUs, isDuplicate } = reply;
  return {
    address: formatIpAddress(target),
    sequence,
    bytes,
    ttl: timeToLive,
    ms: round(roundTripUs / 1000),
    duplicate: isDuplicate,
  };
}

function summaryFields({ plan, summary }: PingFigures): Record<string, unknown> {
  const { sent, received, lost, duplicates, roundTripUs } = summary;
  const ms = (us: number | undefined): number | null => us === undefined ? null : round(us / 1000);
  return {
    address: formatIpAddress(plan.target),
    source: formatIpAddress(plan.source),
    sent,
    received,
    lost,
    duplicates,
    minMs: ms(roundTripUs?.min),
    averageMs: ms(roundTripUs?.average),
    maxMs: ms(roundTripUs?.max),
    mdevMs: ms(roundTripUs?.mdev),
  };
}
