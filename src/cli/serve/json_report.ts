import type { CaptureTotals } from "../../echo/capture/capture.ts";
import type { TappedPacket } from "../../echo/capture/tap.ts";
import type { Change } from "../../tun/changes.ts";
import type { AdapterInfo } from "../../tun/host.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { describe } from "../../wire/describe.ts";
import type { Output } from "../process/output.ts";
import { captureFileFault } from "./capture_words.ts";
import type { StopReason } from "./ending.ts";
import { echoNames } from "./options.ts";
import type { ServePlan } from "./plan.ts";
import { ratesBetween, round, type ServeState } from "./state.ts";

/** Reports a `serve` to programs: one event a line, as `wintun help json` describes them. */
export class JsonReport {
  readonly #output: Output;
  readonly #plan: ServePlan;

  constructor(output: Output, plan: ServePlan) {
    this.#output = output;
    this.#plan = plan;
  }

  ready(adapter: AdapterInfo, created: boolean, changes: readonly Change[]): void {
    const { name, type, guid, luid, ifIndex, mtu, addresses } = adapter;
    const { ringBytes, echo, simulate } = this.#plan;
    this.#output.resultJson({
      event: "ready",
      pid: Deno.pid,
      name,
      type,
      guid,
      luid,
      ifIndex,
      mtu,
      addresses: addresses.map(formatCidr),
      created,
      changed: created || changes.length > 0,
      changes,
      simulated: simulate,
      ringBytes,
      echo: echoNames(echo),
    });
  }

  packet(packet: TappedPacket): void {
    this.#output.resultJson({
      event: "packet",
      time: isoTime(packet.timeNs),
      direction: packet.direction,
      verdict: packet.verdict,
      length: packet.length,
      summary: describe(packet.bytes, packet.length),
    });
  }

  stats(state: ServeState, previous: ServeState): void {
    const rate = ratesBetween(previous, state);
    this.#output.resultJson({
      event: "stats",
      ...stateFields(state),
      receivedPerSecond: rate("received"),
      repliedPerSecond: rate("replied"),
      receivedBytesPerSecond: rate("receivedBytes"),
      repliedBytesPerSecond: rate("repliedBytes"),
      droppedPerSecond: rate("dropped"),
    });
  }

  stopped(reason: StopReason, state: ServeState): void {
    this.#output.resultJson({ event: "stopped", reason, ...stateFields(state) });
  }
}

function stateFields({ totals, seconds, tapMissed, log, capture }: ServeState): Record<string, unknown> {
  return {
    received: totals.received,
    replied: totals.replied,
    ignored: totals.ignored,
    malformed: totals.malformed,
    dropped: totals.dropped,
    receivedBytes: totals.receivedBytes,
    repliedBytes: totals.repliedBytes,
    tapMissed,
    seconds: round(seconds),
    restarts: totals.restarts,
    ...(log === undefined ? {} : { packetLog: log }),
    ...(capture === undefined ? {} : { capture: captureFields(capture) }),
  };
}

function captureFields(
  { file, files, kept, written, missed, bytes, failure }: CaptureTotals,
): Record<string, unknown> {
  return {
    file,
    files,
    kept,
    written,
    missed,
    bytes,
    error: failure === undefined ? null : captureFileFault(failure.error),
  };
}

/** Returns a time in UTC with nanoseconds. @param timeNs Nanoseconds since 1970. */
function isoTime(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${(timeNs % 1_000_000_000n).toString().padStart(9, "0")}Z`;
}
