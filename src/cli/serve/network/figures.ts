import type { PingSummary } from "../../../echo/network/ping_reply.ts";
import type { PingPlan } from "../../../echo/network/plan.ts";
import type { NetworkStatistics } from "../../../echo/network/statistics.ts";

/** What has happened in a network until now. */
export interface NetworkFigures extends NetworkStatistics {
  /** Absent: the network sends no pings. */
  readonly ping?: PingFigures;
}

/** The pings of a network, and the sum of their replies until now. */
export interface PingFigures {
  readonly plan: PingPlan;
  readonly summary: PingSummary;
}
