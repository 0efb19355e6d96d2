import { IP_REQ_TIMED_OUT, IP_SUCCESS } from "../../windows/network/icmp.ts";
import {
  type PingOutcome,
  pingPayload,
  type PingSeries,
  PingTally,
} from "../../windows/network/ping_series.ts";
import type { SimulatedPeer } from "./peer.ts";

/**
 * Sends a series of pings from a simulated machine.
 * @param peer The machine's side of the session that the address is behind. `undefined` if there is none: every ping is lost.
 * @param stop Ends the series early when it is aborted.
 */
export async function pingFromPeer(
  peer: SimulatedPeer | undefined,
  series: PingSeries,
  stop: AbortSignal,
): Promise<PingOutcome> {
  const payload = pingPayload(series.payloadBytes);
  const tally = new PingTally(series, payload, () => performance.now());
  const sendOneByOne = async (): Promise<void> => {
    while (tally.wantsMore && !stop.aborted) {
      const end = tally.begin();
      const reply = await peer?.ping(series.target, payload, series.timeoutMs);
      if (reply === undefined) end(IP_REQ_TIMED_OUT, new Uint8Array(0));
      else end(IP_SUCCESS, reply);
    }
  };
  await Promise.all(Array.from({ length: series.parallel }, sendOneByOne));
  return tally.outcome();
}
