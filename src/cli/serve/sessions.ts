import type { Counters } from "../../echo/counters.ts";
import { type EchoEnd, EchoServer, type Tap } from "../../echo/server.ts";
import type { Adapter } from "../../tun/host.ts";
import { adapterRemoved, HostError } from "../../tun/host_error.ts";
import type { Context } from "../command.ts";
import type { Output } from "../process/output.ts";
import type { Ending } from "./ending.ts";
import type { ServePlan } from "./plan.ts";
import type { ServeTotals } from "./state.ts";

/** A corrupt receive ring is mended by a new session; so many in a row, and it is no accident. */
const MAX_RESTARTS_IN_A_ROW = 3;
/** A session that went well for so long ends the row. */
const STEADY_MS = 60_000;

/** Serves one adapter, through as many sessions as it takes. */
export class ServeSessions {
  readonly #adapter: Adapter;
  readonly #plan: ServePlan;
  readonly #noHosts: readonly Uint8Array[];
  readonly #taps: readonly Tap[];
  readonly #output: Output;
  readonly #ending: Ending;
  /** Milliseconds by a clock that never goes back. */
  readonly #now: () => number;
  #finished: ServeTotals = {
    received: 0,
    receivedBytes: 0,
    replied: 0,
    repliedBytes: 0,
    ignored: 0,
    malformed: 0,
    dropped: 0,
    restarts: 0,
  };
  #echo: EchoServer | undefined;
  #startedAt = 0;

  constructor(
    { environment, output }: Context,
    adapter: Adapter,
    plan: ServePlan,
    noHosts: readonly Uint8Array[],
    taps: readonly Tap[],
    ending: Ending,
  ) {
    this.#adapter = adapter;
    this.#plan = plan;
    this.#noHosts = noHosts;
    this.#taps = taps;
    this.#output = output;
    this.#ending = ending;
    this.#now = () => environment.now();
  }

  /** Totals of all sessions until now. */
  get totals(): ServeTotals {
    return this.#echo === undefined ? this.#finished : addCounters(this.#finished, this.#echo.counters());
  }

  /** Seconds since the first session read; 0 before. */
  get seconds(): number {
    return this.#startedAt === 0 ? 0 : (this.#now() - this.#startedAt) / 1000;
  }

  /**
   * Serves until somebody asks for the end, and knows by then why. Calls `onReady` when the first session reads.
   * @throws {HostError} `busy`; and what opening a session throws.
   */
  async run(onReady: () => void): Promise<void> {
    let corruptInARow = 0;
    while (this.#ending.reason === undefined) {
      const sessionStartedAt = this.#now();
      const end = await this.#runSession(corruptInARow, onReady);
      if (end === "limit") this.#ending.ask("count");
      if (end === "ended") {
        const operation = `Cannot go on serving adapter "${this.#adapter.info.name}"`;
        this.#ending.fail(adapterRemoved(operation), "removed");
      }
      if (end !== "corrupt") continue;
      corruptInARow = this.#now() - sessionStartedAt > STEADY_MS ? 1 : corruptInARow + 1;
      if (corruptInARow > MAX_RESTARTS_IN_A_ROW) this.#giveUp(corruptInARow);
    }
  }

  #giveUp(corruptInARow: number): void {
    const operation = `Cannot go on serving adapter "${this.#adapter.info.name}"`;
    const reason = `the receive ring was corrupt ${corruptInARow} times in a row`;
    this.#ending.fail(new HostError("failed", operation, reason), "corrupt");
  }

  #noteRestart(corruptInARow: number): void {
    this.#finished = { ...this.#finished, restarts: this.#finished.restarts + 1 };
    this.#output.warning(
      `The receive ring of adapter "${this.#adapter.info.name}" was corrupt. A new session is open ` +
        `(restart ${corruptInARow} of at most ${MAX_RESTARTS_IN_A_ROW} in a row).`,
    );
  }

  /** `corruptInARow`: sessions that were corrupt just before this one, which takes their place. */
  async #runSession(corruptInARow: number, onReady: () => void): Promise<EchoEnd> {
    const { count, echo: kinds, ringBytes } = this.#plan;
    using session = this.#adapter.openSession(ringBytes);
    if (corruptInARow > 0) this.#noteRestart(corruptInARow);
    const echo = new EchoServer(session, {
      ...kinds,
      noHosts: this.#noHosts,
      ...(count === undefined ? {} : { replyLimit: count - this.#finished.replied }),
      taps: this.#taps,
    });
    this.#echo = echo;
    const stopListening = this.#ending.onAsked(() => echo.stop());
    try {
      await echo.ready;
      if (this.#startedAt === 0) {
        this.#startedAt = this.#now();
        onReady();
      }
      return await echo.done;
    } finally {
      stopListening();
      // The session must outlive its reader, whatever happened here.
      echo.stop();
      await echo.done.catch(() => {});
      this.#finished = addCounters(this.#finished, echo.counters());
      this.#echo = undefined;
    }
  }
}

function addCounters(totals: ServeTotals, more: Counters): ServeTotals {
  return {
    received: totals.received + more.received,
    receivedBytes: totals.receivedBytes + more.receivedBytes,
    replied: totals.replied + more.replied,
    repliedBytes: totals.repliedBytes + more.repliedBytes,
    ignored: totals.ignored + more.ignored,
    malformed: totals.malformed + more.malformed,
    dropped: totals.dropped + more.dropped,
    restarts: totals.restarts,
  };
}
