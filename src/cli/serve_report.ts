import { format as formatBytes } from "@std/fmt/bytes";
import type { Counters } from "../echo/counters.ts";
import type { TappedPacket } from "../echo/tap.ts";
import type { AdapterInfo } from "../tun/host.ts";
import { describe } from "../wire/describe.ts";
import type { Output } from "./output.ts";
import type { StopReason } from "./serve_ending.ts";
import type { ServePlan } from "./serve_plan.ts";

/** Totals of a `serve`, over all its sessions. */
export interface ServeTotals extends Counters {
  /** How often a corrupt session was replaced by a new one. */
  readonly restarts: number;
}

/** What `serve` tells its user: lines for people, or one event a line for programs. */
export interface ServeReport {
  ready(adapter: AdapterInfo, created: boolean): void;
  packet(packet: TappedPacket): void;
  /** `previous` is what the last statistics were made of. */
  stats(totals: ServeTotals, seconds: number, previous: { totals: ServeTotals; seconds: number }): void;
  stopped(reason: StopReason, totals: ServeTotals, seconds: number): void;
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

  ready(adapter: AdapterInfo, created: boolean): void {
    const { name, type, guid, luid, ifIndex, mtu, addresses } = adapter;
    const { ringBytes, echo, simulate } = this.#plan;
    this.#output.resultJson({
      event: "ready",
      name,
      type,
      guid,
      luid,
      ifIndex,
      mtu,
      addresses,
      created,
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

  stats(totals: ServeTotals, seconds: number, previous: { totals: ServeTotals; seconds: number }): void {
    const rate = ratesSince(previous.totals, totals, seconds - previous.seconds);
    this.#output.resultJson({
      event: "stats",
      ...totalFields(totals, seconds),
      receivedPerSecond: rate("received"),
      repliedPerSecond: rate("replied"),
      receivedBytesPerSecond: rate("receivedBytes"),
      repliedBytesPerSecond: rate("repliedBytes"),
    });
  }

  stopped(reason: StopReason, totals: ServeTotals, seconds: number): void {
    this.#output.resultJson({ event: "stopped", reason, ...totalFields(totals, seconds) });
  }
}

class TextReport implements ServeReport {
  readonly #output: Output;
  readonly #plan: ServePlan;

  constructor(output: Output, plan: ServePlan) {
    this.#output = output;
    this.#plan = plan;
  }

  ready(adapter: AdapterInfo, created: boolean): void {
    const { simulate, echo } = this.#plan;
    const bold = this.#output.paintNote("bold");
    const kind = simulate ? "Simulated adapter" : "Adapter";
    const addresses = adapter.addresses.length === 0 ? "no address" : adapter.addresses.join(", ");
    this.#output.note(
      `${kind} ${bold(adapter.name)} is up${
        created ? ", created for this run" : ""
      }: ${addresses}, MTU ${adapter.mtu}.`,
    );
    const kinds = echoNames(echo);
    const answers = kinds.length === 0
      ? "Answers nothing, only watches"
      : `Answers ${kinds.map(upper).join(" and ")} echo`;
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

  stats(totals: ServeTotals, seconds: number, previous: { totals: ServeTotals; seconds: number }): void {
    const rate = ratesSince(previous.totals, totals, seconds - previous.seconds);
    this.#output.result(
      `${seconds.toFixed(this.#secondsDigits).padStart(6)} s  received ${count(totals.received)} (${
        count(Math.round(rate("received")))
      }/s, ` +
        `${bytes(rate("receivedBytes"))}/s)  replied ${count(totals.replied)} (${
          count(Math.round(rate("replied")))
        }/s, ${bytes(rate("repliedBytes"))}/s)  ${misses(totals)}`,
    );
  }

  stopped(reason: StopReason, totals: ServeTotals, seconds: number): void {
    const restarts = totals.restarts === 0 ? "" : ` Sessions restarted: ${totals.restarts}.`;
    this.#output.result(
      `${this.#output.paint("bold")(`Served ${this.#plan.name} for ${seconds.toFixed(1)} s`)} (${
        STOPPED_BY[reason]
      }): ` +
        `${count(totals.received)} received (${bytes(totals.receivedBytes)}), ` +
        `${count(totals.replied)} replied (${bytes(totals.repliedBytes)}), ${misses(totals)}.${restarts}`,
    );
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
  "removed": "the adapter was removed",
  "corrupt": "the receive ring was corrupt",
  "stdout-closed": "nobody reads the output",
  "error": "an error",
};

function totalFields(totals: ServeTotals, seconds: number): Record<string, number> {
  return {
    received: totals.received,
    replied: totals.replied,
    ignored: totals.ignored,
    malformed: totals.malformed,
    dropped: totals.dropped,
    receivedBytes: totals.receivedBytes,
    repliedBytes: totals.repliedBytes,
    tapMissed: totals.tapMissed,
    seconds: round(seconds),
    restarts: totals.restarts,
  };
}

function ratesSince(before: Counters, now: Counters, seconds: number): (name: keyof Counters) => number {
  return (name) => seconds > 0 ? round((now[name] - before[name]) / seconds) : 0;
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
  return value.toLocaleString("en-US");
}

function bytes(value: number): string {
  return formatBytes(value, { binary: true, locale: "en-US" });
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
