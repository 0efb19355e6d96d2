import type { NetworkRun } from "../../../echo/network/network_state.ts";
import { PingReplies, type PingReply } from "../../../echo/network/ping_reply.ts";
import type { NetworkPlan } from "../../../echo/network/plan.ts";
import { createNetworkStatistics, readNetworkStatistics } from "../../../echo/network/statistics.ts";
import type { Output } from "../../process/output.ts";
import type { NetworkFigures } from "./figures.ts";
import { describeSilence } from "./text.ts";

/** The network of one `serve`, over all its sessions. */
export class NetworkPlay {
  readonly plan: NetworkPlan;
  readonly #statistics = createNetworkStatistics();
  readonly #replies = new PingReplies();
  readonly #onPing: (reply: PingReply) => void;
  /** The pings that the sessions before have sent. */
  #sentBefore = 0;
  #isSilenceSaid = false;

  /** @param onPing Is called with each reply to a ping of the network. */
  constructor(plan: NetworkPlan, onPing: (reply: PingReply) => void) {
    this.plan = plan;
    this.#onPing = onPing;
  }

  /** Returns the network for a session. @param elapsedMs Milliseconds since the first session began to read. */
  run(elapsedMs: number): NetworkRun {
    this.#sentBefore = readNetworkStatistics(this.#statistics).totals.pingsSent;
    return { plan: this.plan, elapsedMs, statistics: this.#statistics };
  }

  /** The longest time in milliseconds that a packet can be delayed at the beginning. */
  get longestDelayMs(): number {
    return (this.plan.link.delayUs + this.plan.link.jitterUs) / 1000;
  }

  /** Takes a reply to a ping. */
  addReply({ sequence, ...others }: PingReply): void {
    // Each session counts from 1.
    const reply = { ...others, sequence: this.#sentBefore + sequence };
    this.#replies.add(reply);
    this.#onPing(reply);
  }

  /** Warns if pings were sent and nothing has answered. It does so once. */
  warnOfSilence(output: Output): void {
    const { ping } = this.state;
    if (ping === undefined || ping.summary.sent === 0 || ping.summary.received > 0 || this.#isSilenceSaid) {
      return;
    }
    this.#isSilenceSaid = true;
    output.warning(describeSilence(ping.plan));
  }

  /** What has happened until now. */
  get state(): NetworkFigures {
    const statistics = readNetworkStatistics(this.#statistics);
    const { ping: plan } = this.plan;
    if (plan === undefined) return statistics;
    return { ...statistics, ping: { plan, summary: this.#replies.summary(statistics.totals.pingsSent) } };
  }
}
