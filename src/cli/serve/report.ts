import type { TappedPacket } from "../../echo/capture/tap.ts";
import type { Change } from "../../tun/changes.ts";
import type { AdapterInfo } from "../../tun/host.ts";
import type { Output } from "../process/output.ts";
import type { StopReason } from "./ending.ts";
import { JsonReport } from "./json_report.ts";
import type { ServePlan } from "./plan.ts";
import type { ServeState } from "./state.ts";
import { TextReport } from "./text_report.ts";

/** Reports the course of a `serve` to its user. */
export interface ServeReport {
  /**
   * Reports that the first session reads.
   * @param changes The changed settings of an adapter that existed before. Empty for a new adapter.
   */
  ready(adapter: AdapterInfo, created: boolean, changes: readonly Change[]): void;
  /** Reports a packet or a reply. */
  packet(packet: TappedPacket): void;
  /** Reports statistics. @param previous The state at the previous statistics, from which rates are calculated. */
  stats(state: ServeState, previous: ServeState): void;
  /** Reports the end, with the totals. */
  stopped(reason: StopReason, state: ServeState): void;
}

/** Returns a report that writes lines for people, or with `--json` one event a line for programs. */
export function createReport(output: Output, plan: ServePlan): ServeReport {
  return output.json ? new JsonReport(output, plan) : new TextReport(output, plan);
}
