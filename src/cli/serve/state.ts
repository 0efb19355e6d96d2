import type { CaptureTotals } from "../../echo/capture/capture.ts";
import type { Counters } from "../../echo/counters.ts";
import type { LogTotals } from "./recording.ts";

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
}

/** Returns a function that gives the rate of a counter between two states, per second. */
export function ratesBetween(before: ServeState, now: ServeState): (name: keyof Counters) => number {
  const seconds = now.seconds - before.seconds;
  return (name) => seconds > 0 ? round((now.totals[name] - before.totals[name]) / seconds) : 0;
}

/** Rounds to three decimals. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
