import { type Counters, createCounters, readCounters } from "../../echo/counters.ts";
import { type EchoEnd, EchoServer, type Tap } from "../../echo/server.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { addCounts } from "../../tun/counts.ts";
import type { Adapter } from "../../tun/host.ts";
import { adapterRemoved, HostError } from "../../tun/host_error.ts";
import { addressesOfNoHost } from "../../wire/cidr.ts";
import type { Context } from "../command.ts";
import type { Output } from "../process/output.ts";
import { cannotGoOnServing, type Ending } from "./ending.ts";
import type { NetworkPlay } from "./network/play.ts";
import type { ServePlan } from "./plan.ts";
import type { ServeTotals } from "./state.ts";

/** A new session replaces one whose receive ring is corrupt. After more than this number in a row, the serving ends. */
const MAX_RESTARTS_IN_A_ROW = 3;
/** A session that was not corrupt for this time begins a new row. */
const STEADY_MS = 60_000;

/** Serves one adapter, with a new session whenever the receive ring is corrupt. */
export class ServeSessions {
  readonly #adapter: Adapter;
  readonly #plan: ServePlan;
  /** The addresses in the adapter's subnets that belong to no host. */
  readonly #noHosts: readonly Uint8Array[];
  readonly #taps: readonly Tap[];
  readonly #network: NetworkPlay | undefined;
  readonly #output: Output;
  readonly #ending: Ending;
  /** Returns milliseconds of a clock that never goes back. */
  readonly #now: () => number;
  /** The totals of the sessions that have ended. */
  #finished: Counters = readCounters(createCounters());
  #restarts = 0;
  #echo: EchoServer | undefined;
  #startedAt = 0;

  /** @param info The adapter as it is now, with its addresses. */
  constructor(
    { environment, output }: Context,
    adapter: Adapter,
    info: AdapterInfo,
    plan: ServePlan,
    taps: readonly Tap[],
    network: NetworkPlay | undefined,
    ending: Ending,
  ) {
    this.#adapter = adapter;
    this.#plan = plan;
    this.#noHosts = info.addresses.flatMap(addressesOfNoHost).map(({ bytes }) => bytes);
    this.#taps = taps;
    this.#network = network;
    this.#output = output;
    this.#ending = ending;
    this.#now = () => environment.now();
  }

  /** The totals of all sessions until now. */
  get totals(): ServeTotals {
    const counters = this.#echo === undefined
      ? this.#finished
      : addCounts(this.#finished, this.#echo.counters());
    return { ...counters, restarts: this.#restarts };
  }

  /** Seconds since the first session began to read. 0 before that. */
  get seconds(): number {
    return this.#startedAt === 0 ? 0 : (this.#now() - this.#startedAt) / 1000;
  }

  /**
   * Serves until the end is asked for. `Ending` has the reason then.
   * @param onReady Called when the first session begins to read.
   * @throws as `Adapter.openSession`.
   */
  async run(onReady: () => void): Promise<void> {
    let corruptInARow = 0;
    while (this.#ending.reason === undefined) {
      const sessionStartedAt = this.#now();
      const end = await this.#runSession(corruptInARow, onReady);
      if (end === "limit") this.#ending.ask("count");
      if (end === "ended") {
        this.#ending.fail(adapterRemoved(cannotGoOnServing(this.#adapter.info.name)), "removed");
      }
      if (end !== "corrupt") continue;
      corruptInARow = this.#now() - sessionStartedAt > STEADY_MS ? 1 : corruptInARow + 1;
      if (corruptInARow > MAX_RESTARTS_IN_A_ROW) this.#giveUp(corruptInARow);
    }
  }

  #giveUp(corruptInARow: number): void {
    const operation = cannotGoOnServing(this.#adapter.info.name);
    const reason = `the receive ring was corrupt ${corruptInARow} times in a row`;
    this.#ending.fail(new HostError("failed", operation, reason), "corrupt");
  }

  #noteRestart(corruptInARow: number): void {
    this.#restarts++;
    this.#output.warning(
      `The receive ring of adapter "${this.#adapter.info.name}" was corrupt. A new session is open ` +
        `(restart ${corruptInARow} of at most ${MAX_RESTARTS_IN_A_ROW} in a row).`,
    );
  }

  /** @param corruptInARow The number of corrupt sessions directly before this one. */
  async #runSession(corruptInARow: number, onReady: () => void): Promise<EchoEnd> {
    const { count, echo: { icmp, udp }, ringBytes } = this.#plan;
    const network = this.#network;
    using session = this.#adapter.openSession(ringBytes);
    if (corruptInARow > 0) this.#noteRestart(corruptInARow);
    const echo = new EchoServer(session, {
      icmp,
      udp,
      noHosts: this.#noHosts,
      ...(count === undefined ? {} : { replyLimit: count - this.#finished.replied }),
      taps: this.#taps,
      ...(network === undefined
        ? {}
        : { network: network.run(1000 * this.seconds), onPing: (reply) => network.addReply(reply) }),
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
      // The session must stay open until its reader has ended, also after an error.
      echo.stop();
      await echo.done.catch(() => {});
      this.#finished = addCounts(this.#finished, echo.counters());
      this.#echo = undefined;
    }
  }
}
