import { format as formatBytes } from "@std/fmt/bytes";
import type { CaptureTotals } from "../../echo/capture/capture.ts";
import type { Counters } from "../../echo/counters.ts";
import type { TappedPacket } from "../../echo/capture/tap.ts";
import type { Change } from "../../tun/changes.ts";
import type { AdapterInfo } from "../../tun/host.ts";
import { formatCidr } from "../../wire/cidr.ts";
import { describe } from "../../wire/describe.ts";
import { captureFileFault, captureFileName } from "./capture_words.ts";
import { describeChanges, describeNetwork } from "../adapters/report.ts";
import { groupDigits } from "../process/group_digits.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";
import type { LogTotals } from "./recording.ts";
import type { StopReason } from "./ending.ts";
import type { ServePlan } from "./plan.ts";

/** Totals of a `serve`, over all its sessions. */
export interface ServeTotals extends Counters {
  /** How often a corrupt session was replaced by a new one. */
  readonly restarts: number;
}

/** Where a `serve` stands. */
export interface ServeState {
  readonly totals: ServeTotals;
  /** Since the first session read. */
  readonly seconds: number;
  /** Packets that came too fast for the log, and those that came too fast for the capture, added up. */
  readonly tapMissed: number;
  readonly log: LogTotals | undefined;
  readonly capture: CaptureTotals | undefined;
}

/** What `serve` tells its user: lines for people, or one event a line for programs. */
export interface ServeReport {
  /** `changes`: of an adapter that was there before. */
  ready(adapter: AdapterInfo, created: boolean, changes: readonly Change[]): void;
  packet(packet: TappedPacket): void;
  /** `previous` is what the last statistics were made of. */
  stats(state: ServeState, previous: ServeState): void;
  stopped(reason: StopReason, state: ServeState): void;
}

export function createReport(output: Output, plan: ServePlan): ServeReport {
  return output.json ? new JsonReport(output, plan) : new TextReport(output, plan);
}

class JsonReport implements ServeReport {
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

class TextReport implements ServeReport {
  readonly #output: Output;
  readonly #plan: ServePlan;

  constructor(output: Output, plan: ServePlan) {
    this.#output = output;
    this.#plan = plan;
  }

  ready(adapter: AdapterInfo, created: boolean, changes: readonly Change[]): void {
    const { simulate, echo } = this.#plan;
    const bold = this.#output.paintNote("bold");
    const kind = simulate ? "Simulated adapter" : "Adapter";
    this.#output.note(
      `${kind} ${bold(printable(adapter.name))} is up${created ? ", created for this run" : ""}: ${
        describeNetwork(adapter)
      }.`,
    );
    if (changes.length > 0) this.#output.note(`Changed for good: ${describeChanges(changes)}.`);
    const kinds = echoNames(echo);
    const answers = kinds.length === 0 ? "Answers nothing" : `Answers ${kinds.map(upper).join(" and ")} echo`;
    this.#output.note(`${answers}. ${this.#howItEnds()}`);
  }

  packet(packet: TappedPacket): void {
    const paint = this.#output.paint(packet.direction === "in" ? "cyan" : "green");
    const verdict = packet.verdict === "reply"
      ? ""
      : `  ${this.#output.paint("yellow")(`[${packet.verdict}]`)}`;
    const time = this.#output.paint("dim")(clockTime(packet.timeNs));
    this.#output.result(
      `${time} ${paint(packet.direction.padEnd(3))} ${describe(packet.bytes, packet.length)}${verdict}`,
    );
  }

  stats(state: ServeState, previous: ServeState): void {
    const { totals, seconds, capture } = state;
    const rate = ratesBetween(previous, state);
    const received = `${count(Math.round(rate("received")))}/s, ${bits(8 * rate("receivedBytes"))}/s`;
    const replied = `${count(Math.round(rate("replied")))}/s, ${bits(8 * rate("repliedBytes"))}/s`;
    const time = `${seconds.toFixed(this.#secondsDigits).padStart(6)} s`;
    if (this.#output.hasLive) {
      // Most important first: a narrow terminal cuts off what comes last.
      const missed = capture === undefined ? "" : `  captured ${count(capture.written)}`;
      this.#output.live(
        `${time}  in ${received}  out ${replied}  dropped ${count(totals.dropped)}${missed}`,
      );
      return;
    }
    const captured = capture === undefined
      ? ""
      : `  captured ${count(capture.written)}, missed ${count(capture.missed)}`;
    this.#output.result(
      `${time}  received ${count(totals.received)} (${received})  replied ${
        count(totals.replied)
      } (${replied})` +
        `  ${misses(totals)}${captured}`,
    );
  }

  stopped(reason: StopReason, { totals, seconds, log, capture }: ServeState): void {
    if (this.#output.hasLive) this.#output.live("");
    const restarts = totals.restarts === 0 ? "" : ` Sessions restarted: ${totals.restarts}.`;
    this.#output.result(
      `${this.#output.paint("bold")(`Served ${this.#plan.name} for ${seconds.toFixed(1)} s`)} (${
        STOPPED_BY[reason]
      }): ` +
        `${count(totals.received)} received (${bytes(totals.receivedBytes)}), ` +
        `${count(totals.replied)} replied (${bytes(totals.repliedBytes)}), ${misses(totals)}.${restarts}`,
    );
    if (log !== undefined && log.missed > 0) {
      this.#output.result(`Logged ${count(log.written)} packets; ${count(log.missed)} missed.`);
    }
    if (capture !== undefined) this.#output.result(describeCapture(capture));
  }

  /** Whole seconds, unless statistics come more often or in between. */
  get #secondsDigits(): number {
    return (this.#plan.statsMs ?? 0) % 1000 === 0 ? 0 : 1;
  }

  #howItEnds(): string {
    const { count: replies, durationMs } = this.#plan;
    const ends = [
      ...(replies === undefined ? [] : [`after ${count(replies)} ${replies === 1 ? "reply" : "replies"}`]),
      ...(durationMs === undefined ? [] : [`after ${durationMs / 1000} s`]),
      "with Ctrl-C",
    ];
    return `Ends ${ends.join(" or ")}.`;
  }
}

const STOPPED_BY: Readonly<Record<StopReason, string>> = {
  "count": "--count is reached",
  "duration": "--duration is over",
  "signal": "interrupted",
  "stopped": "wintun stop",
  "removed": "the adapter was removed",
  "corrupt": "the receive ring was corrupt",
  "stdout-closed": "nobody reads the output",
  "error": "an error",
};

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

function describeCapture({ file, files, kept, written, missed, bytes: size }: CaptureTotals): string {
  const packets = `${count(written)} ${written === 1 ? "packet" : "packets"} (${bytes(size)})`;
  const left = kept === files ? "" : `, of which the last ${kept === 1 ? "is" : `${count(kept)} are`} kept`;
  const where = files === 1
    ? captureFileName(file)
    : `${count(files)} files${left}, the last ${captureFileName(file)}`;
  const missing = missed === 0 ? "none missed" : `${count(missed)} missed`;
  return `Captured ${packets} into ${where}; ${missing}.`;
}

function ratesBetween(before: ServeState, now: ServeState): (name: keyof Counters) => number {
  const seconds = now.seconds - before.seconds;
  return (name) => seconds > 0 ? round((now.totals[name] - before.totals[name]) / seconds) : 0;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function misses({ ignored, malformed, dropped }: Counters): string {
  if (ignored + malformed + dropped === 0) return "nothing ignored, malformed or dropped";
  return `${count(ignored)} ignored, ${count(malformed)} malformed, ${count(dropped)} dropped`;
}

function echoNames(echo: ServePlan["echo"]): string[] {
  return [...(echo.icmp ? ["icmp"] : []), ...(echo.udp ? ["udp"] : [])];
}

function upper(text: string): string {
  return text.toUpperCase();
}

function count(value: number): string {
  return groupDigits(value);
}

function bytes(value: number): string {
  return formatBytes(value, { binary: true });
}

function bits(value: number): string {
  return formatBytes(value, { bits: true });
}

/** UTC with nanoseconds. */
function isoTime(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${(timeNs % 1_000_000_000n).toString().padStart(9, "0")}Z`;
}

/** The time of day here, with microseconds. */
function clockTime(timeNs: bigint): string {
  const time = new Date(Number(timeNs / 1_000_000n));
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, "0")
  );
  return `${parts.join(":")}.${(timeNs % 1_000_000_000n / 1000n).toString().padStart(6, "0")}`;
}
