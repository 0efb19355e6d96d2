/** The reply to one of the network's own pings. */
export interface PingReply {
  /** The number of the request, from 1 on. */
  readonly sequence: number;
  /** The size of the reply in bytes, from the IP header on. */
  readonly bytes: number;
  /** TTL, or hop limit. */
  readonly timeToLive: number;
  /** Microseconds since the request. */
  readonly roundTripUs: number;
  /** Whether a reply to the same request came before. */
  readonly isDuplicate: boolean;
}

/** The sum of all replies, as ping(8) gives it. Round-trip times are in microseconds. */
export interface PingSummary {
  readonly sent: number;
  /** Requests with a reply. */
  readonly received: number;
  /** Requests without a reply, but for the last request: its reply may still come. */
  readonly lost: number;
  readonly duplicates: number;
  /** Absent: no reply has come. */
  readonly roundTripUs?: {
    readonly min: number;
    readonly average: number;
    readonly max: number;
    /** The standard deviation. */
    readonly mdev: number;
  };
}

/** Sums up the replies to pings. */
export class PingReplies {
  #received = 0;
  #latest = 0;
  #duplicates = 0;
  #min = Infinity;
  #max = 0;
  #sum = 0;
  #sumOfSquares = 0;

  add({ sequence, roundTripUs, isDuplicate }: PingReply): void {
    if (isDuplicate) {
      this.#duplicates++;
      return;
    }
    this.#received++;
    this.#latest = Math.max(this.#latest, sequence);
    this.#min = Math.min(this.#min, roundTripUs);
    this.#max = Math.max(this.#max, roundTripUs);
    this.#sum += roundTripUs;
    this.#sumOfSquares += roundTripUs * roundTripUs;
  }

  /** @param sent The number of requests (`NetworkTotals.pingsSent`). */
  summary(sent: number): PingSummary {
    const received = this.#received;
    // A reply may be known before its request is counted.
    const waiting = sent > this.#latest ? 1 : 0;
    const lost = Math.max(0, sent - received - waiting);
    const counts = { sent, received, lost, duplicates: this.#duplicates };
    if (received === 0) return counts;
    const average = this.#sum / received;
    // Rounding can make a variance of 0 negative.
    const mdev = Math.sqrt(Math.max(0, this.#sumOfSquares / received - average * average));
    return { ...counts, roundTripUs: { min: this.#min, average, max: this.#max, mdev } };
  }
}
