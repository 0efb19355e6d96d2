import type { CaptureTotals } from "../../echo/capture/capture.ts";
import type { Counters } from "../../echo/counters.ts";
import type { NetworkPlan } from "../../echo/network/plan.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { Change } from "../../tun/changes.ts";
import type { DriverVersion } from "../../wintun/library.ts";
import type { NetworkFigures } from "./network/figures.ts";
import type { LogTotals } from "./recording.ts";
import { round } from "./round.ts";

/** What is served. */
export interface Served {
  readonly adapter: AdapterInfo;
  /** Whether it was made for this run. */
  readonly created: boolean;
  /** The changed settings of an adapter that existed before. Empty for a new adapter. */
  readonly changes: readonly Change[];
  /** The version of the driver, if it is known. */
  readonly driver: DriverVersion | undefined;
  /** The network that is played; `undefined` with plain echo. */
  readonly network: NetworkPlan | undefined;
}

/** The totals of a `serve` over all its sessions. */
export interface ServeTotals extends Counters {
  /** How often a corrupt session was replaced by a new one. */
  readonly restarts: number;
}

/** The state of a `serve` at one moment. */
export interface ServeState {
  readonly totals: ServeTotals;
  /** Time since the first session began to read. */
  readonly seconds: number;
  /** Packets that came too fast for the log, and those that came too fast for the capture, added up. */
  readonly tapMissed: number;
  readonly log: LogTotals | undefined;
  readonly capture: CaptureTotals | undefined;
  /** `undefined` with plain echo. */
  readonly network: NetworkFigures | undefined;
}

/** Returns a function that gives the rate of a counter between two states, per second. */
export function ratesBetween(before: ServeState, now: ServeState): (name: keyof Counters) => number {
  const seconds = now.seconds - before.seconds;
  return (name) => seconds > 0 ? round((now.totals[name] - before.totals[name]) / seconds) : 0;
}
