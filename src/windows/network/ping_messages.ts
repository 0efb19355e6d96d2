import type { PingOutcome, PingSeries } from "./ping_series.ts";

/** The request to the worker, which receives one. */
export interface ToPingWorker {
  readonly series: PingSeries;
  /** An Int32, which becomes 1 when the series is to end early. */
  readonly stop: SharedArrayBuffer;
  /** Paths of the DLLs. */
  readonly iphlpapi: string;
  readonly kernel32: string;
}

/** The worker's answer. */
export interface Pinged {
  /** `undefined` if this Windows cannot ping addresses of this IP version. */
  readonly outcome: PingOutcome | undefined;
}
