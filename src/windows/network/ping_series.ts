import type { IpAddress } from "../../wire/ip_address.ts";
import { IP_REQ_TIMED_OUT, IP_SUCCESS } from "./icmp.ts";

/** A series of pings of one address. It ends with the first of its limits, or when several of its pings were lost. */
export interface PingSeries {
  readonly target: IpAddress;
  /** Bytes behind the ICMP header, 0 to 65500. */
  readonly payloadBytes: number;
  /** How many requests are under way at the same time, 1 and more. */
  readonly parallel: number;
  /** The number of requests, 1 and more. `Infinity`: as many as `durationMs` allows. */
  readonly count: number;
  /** Milliseconds after which no more requests are sent. */
  readonly durationMs: number;
  /** Milliseconds to wait for a reply. */
  readonly timeoutMs: number;
}

/** How long a reply took, in microseconds. */
export interface RoundTrips {
  readonly min: number;
  readonly median: number;
  readonly p99: number;
}

/** The result of a series. */
export interface PingOutcome {
  readonly sent: number;
  /** Requests whose reply had the bytes of the request. */
  readonly answered: number;
  /** Requests whose reply had other bytes. */
  readonly wrong: number;
  /** Seconds from the first request to the last reply. */
  readonly seconds: number;
  /** `undefined` without an answer. */
  readonly roundTripUs: RoundTrips | undefined;
  /** How many requests ended without a reply, by their status: an IP_STATUS or a Windows error code. */
  readonly failures: readonly { readonly status: number; readonly count: number }[];
}

/** A series ends after this number of lost requests, because each takes the whole time for a reply. */
const MOST_LOST = 3;

/** The payload of ping.exe, repeated. */
const PATTERN = new TextEncoder().encode("abcdefghijklmnopqrstuvw");

/** Returns a payload of that length, as ping.exe sends it. */
export function pingPayload(bytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: bytes }, (_, index) => PATTERN[index % PATTERN.length]);
}

/** Counts the requests of a series while it runs. */
export class PingTally {
  readonly #series: PingSeries;
  readonly #payload: Uint8Array;
  /** Returns milliseconds of a clock that never goes back. */
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #roundTripsMs: number[] = [];
  readonly #failures = new Map<number, number>();
  #sent = 0;
  #lost = 0;
  #wrong = 0;
  #endedAt: number;

  /** Begins the series. */
  constructor(series: PingSeries, payload: Uint8Array, now: () => number) {
    this.#series = series;
    this.#payload = payload;
    this.#now = now;
    this.#startedAt = this.#endedAt = now();
  }

  /** Whether another request is to be sent. */
  get wantsMore(): boolean {
    const { count, durationMs } = this.#series;
    return this.#sent < count && this.#lost < MOST_LOST && this.#now() - this.#startedAt < durationMs;
  }

  /** Notes that a request is sent now. Returns a function, which the caller calls with the `EchoEnd` of the request. */
  begin(): (status: number, data: Uint8Array) => void {
    this.#sent++;
    const sentAt = this.#now();
    return (status, data) => {
      this.#endedAt = this.#now();
      if (status !== IP_SUCCESS) this.#lose(status);
      else if (isEqual(data, this.#payload)) this.#roundTripsMs.push(this.#endedAt - sentAt);
      else this.#wrong++;
    };
  }

  #lose(status: number): void {
    this.#lost++;
    this.#failures.set(status, (this.#failures.get(status) ?? 0) + 1);
  }

  /** Returns the result of the series. */
  outcome(): PingOutcome {
    const sorted = Float64Array.from(this.#roundTripsMs).sort();
    const quantileUs = (share: number): number =>
      Math.round(1000 * sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
    return {
      sent: this.#sent,
      answered: sorted.length,
      wrong: this.#wrong,
      seconds: (this.#endedAt - this.#startedAt) / 1000,
      roundTripUs: sorted.length === 0
        ? undefined
        : { min: quantileUs(0), median: quantileUs(0.5), p99: quantileUs(0.99) },
      failures: Array.from(this.#failures, ([status, count]) => ({ status, count })),
    };
  }
}

/** Returns what a status of a ping means, as part of a sentence. */
export function describePingStatus(status: number): string {
  const known = STATUSES[status];
  if (known !== undefined) return known;
  return `ended with ${status < 11_000 ? "error" : "IP_STATUS"} ${status}`;
}

/** The statuses that users meet (ipexport.h). */
const STATUSES: Readonly<Record<number, string>> = {
  11_002: "found no route",
  11_003: "found the host unreachable",
  11_005: "found the port unreachable",
  11_009: "was too big",
  [IP_REQ_TIMED_OUT]: "timed out",
  11_013: "expired on the way",
  11_050: "failed",
};

/** Compares without a call for each byte, which would slow the series down. */
function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
