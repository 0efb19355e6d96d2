import type { TappedPacket } from "../../echo/capture/tap.ts";
import type { PingReply } from "../../echo/network/ping_reply.ts";
import type { PingPlan } from "../../echo/network/plan.ts";
import type { Output } from "../process/output.ts";
import type { StopReason } from "./ending.ts";
import { JsonReport } from "./json_report.ts";
import type { ServePlan } from "./plan.ts";
import type { Served, ServeState } from "./state.ts";
import { TextReport } from "./text_report.ts";

/** Reports the course of a `serve` to its user. */
export interface ServeReport {
  /** Reports that the first session reads. */
  ready(served: Served): void;
  /** Reports a packet or a reply. */
  packet(packet: TappedPacket): void;
  /** Reports a reply to a ping of the network. */
  ping(plan: PingPlan, reply: PingReply): void;
  /** Reports statistics. @param previous The state at the previous statistics, from which rates are calculated. */
  stats(state: ServeState, previous: ServeState): void;
  /** Reports the end, with the totals. */
  stopped(reason: StopReason, state: ServeState): void;
}

/** Returns a report that writes lines for people, or with `--json` one event a line for programs. */
export function createReport(output: Output, plan: ServePlan): ServeReport {
  return output.json ? new JsonReport(output, plan) : new TextReport(output, plan);
}
