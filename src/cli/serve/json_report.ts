import type { CaptureTotals } from "../../echo/capture/capture.ts";
import type { TappedPacket } from "../../echo/capture/tap.ts";
import type { PingReply } from "../../echo/network/ping_reply.ts";
import type { PingPlan } from "../../echo/network/plan.ts";
import type { HostTotals } from "../../echo/network/statistics.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import { formatDriverVersion } from "../../wintun/library.ts";
import { describe } from "../../wire/describe.ts";
import { adapterFields } from "../adapters/report.ts";
import { fileFault } from "../process/file_fault.ts";
import type { Output } from "../process/output.ts";
import type { StopReason } from "./ending.ts";
import { echoNames } from "./echo_kinds.ts";
import type { ServePlan } from "./plan.ts";
import { BUSIEST_HOSTS, busiestHosts } from "./network/host_rates.ts";
import { networkFields, planFields, replyFields } from "./network/json_fields.ts";
import { round } from "./round.ts";
import { ratesBetween, type Served, type ServeState } from "./state.ts";

/** Reports a `serve` to programs: one event a line, as `wintun help json` describes them. */
export class JsonReport {
  readonly #output: Output;
  readonly #plan: ServePlan;

  constructor(output: Output, plan: ServePlan) {
    this.#output = output;
    this.#plan = plan;
  }

  ready({ adapter, created, changes, driver, network }: Served): void {
    const { ringBytes, echo } = this.#plan;
    this.#output.resultJson({
      event: "ready",
      pid: Deno.pid,
      created,
      changed: created || changes.length > 0,
      changes,
      adapter: adapterFields(withSession(adapter)),
      driver: driver === undefined ? null : formatDriverVersion(driver),
      ringBytes,
      echo: echoNames(echo),
      ...(network === undefined ? {} : { network: planFields(network) }),
    });
  }

  ping(plan: PingPlan, reply: PingReply): void {
    this.#output.resultJson({ event: "ping", ...replyFields(plan, reply) });
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
    const seconds = state.seconds - previous.seconds;
    const hosts = busiestHosts(
      previous.network?.hosts ?? [],
      state.network?.hosts ?? [],
      seconds,
      BUSIEST_HOSTS,
    );
    this.#output.resultJson({
      event: "stats",
      ...stateFields(state, hosts),
      receivedPerSecond: rate("received"),
      repliedPerSecond: rate("replied"),
      receivedBytesPerSecond: rate("receivedBytes"),
      repliedBytesPerSecond: rate("repliedBytes"),
      droppedPerSecond: rate("dropped"),
    });
  }

  stopped(reason: StopReason, state: ServeState): void {
    const hosts = busiestHosts([], state.network?.hosts ?? [], state.seconds, Infinity);
    this.#output.resultJson({ event: "stopped", reason, ...stateFields(state, hosts) });
  }
}

/** Returns the adapter with the session that this process has opened since the adapter was looked at. */
function withSession({ details, ...info }: AdapterInfo): AdapterInfo {
  const connected = details === undefined ? {} : { details: { ...details, connected: true } };
  return { ...info, ...connected, state: "up", session: { pid: Deno.pid } };
}

/** @param hosts Those of the hosts of the network that are to be listed. */
function stateFields(
  { totals, seconds, tapMissed, log, capture, network }: ServeState,
  hosts: readonly HostTotals[],
): Record<string, unknown> {
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
    ...(network === undefined ? {} : networkFields(network, hosts)),
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
    error: failure === undefined ? null : fileFault(failure.error),
  };
}

/** Returns a time in UTC with nanoseconds. @param timeNs Nanoseconds since 1970. */
function isoTime(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${(timeNs % 1_000_000_000n).toString().padStart(9, "0")}Z`;
}
