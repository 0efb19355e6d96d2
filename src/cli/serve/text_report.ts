import { format as formatBytes } from "@std/fmt/bytes";
import type { CaptureTotals } from "../../echo/capture/capture.ts";
import type { TappedPacket } from "../../echo/capture/tap.ts";
import type { Counters } from "../../echo/counters.ts";
import type { Change } from "../../tun/changes.ts";
import type { AdapterInfo } from "../../tun/host.ts";
import { describe } from "../../wire/describe.ts";
import { describeChanges, describeNetwork } from "../adapters/report.ts";
import { groupDigits } from "../process/group_digits.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";
import { captureFileName } from "./capture_words.ts";
import type { StopReason } from "./ending.ts";
import { echoNames } from "./options.ts";
import type { ServePlan } from "./plan.ts";
import { ratesBetween, type ServeState } from "./state.ts";

/** Reports a `serve` to people. */
export class TextReport {
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
    const received = `${groupDigits(Math.round(rate("received")))}/s, ${bits(8 * rate("receivedBytes"))}/s`;
    const replied = `${groupDigits(Math.round(rate("replied")))}/s, ${bits(8 * rate("repliedBytes"))}/s`;
    const time = `${seconds.toFixed(this.#secondsDigits).padStart(6)} s`;
    if (this.#output.hasLive) {
      // A narrow terminal cuts off the end, so the important numbers come first.
      const captured = capture === undefined ? "" : `  captured ${groupDigits(capture.written)}`;
      this.#output.live(
        `${time}  in ${received}  out ${replied}  dropped ${groupDigits(totals.dropped)}${captured}`,
      );
      return;
    }
    const captured = capture === undefined
      ? ""
      : `  captured ${groupDigits(capture.written)}, missed ${groupDigits(capture.missed)}`;
    this.#output.result(
      `${time}  received ${groupDigits(totals.received)} (${received})  replied ${
        groupDigits(totals.replied)
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
        `${groupDigits(totals.received)} received (${bytes(totals.receivedBytes)}), ` +
        `${groupDigits(totals.replied)} replied (${bytes(totals.repliedBytes)}), ${
          misses(totals)
        }.${restarts}`,
    );
    if (log !== undefined && log.missed > 0) {
      this.#output.result(`Logged ${groupDigits(log.written)} packets; ${groupDigits(log.missed)} missed.`);
    }
    if (capture !== undefined) this.#output.result(describeCapture(capture));
  }

  /** The decimals of seconds: none, unless the time between two statistics has a fraction. */
  get #secondsDigits(): number {
    return (this.#plan.statsMs ?? 0) % 1000 === 0 ? 0 : 1;
  }

  #howItEnds(): string {
    const { count, durationMs } = this.#plan;
    const ends = [
      ...(count === undefined ? [] : [`after ${groupDigits(count)} ${count === 1 ? "reply" : "replies"}`]),
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

function describeCapture({ file, files, kept, written, missed, bytes: size }: CaptureTotals): string {
  const packets = `${groupDigits(written)} ${written === 1 ? "packet" : "packets"} (${bytes(size)})`;
  const left = kept === files
    ? ""
    : `, of which the last ${kept === 1 ? "is" : `${groupDigits(kept)} are`} kept`;
  const where = files === 1
    ? captureFileName(file)
    : `${groupDigits(files)} files${left}, the last ${captureFileName(file)}`;
  const missing = missed === 0 ? "none missed" : `${groupDigits(missed)} missed`;
  return `Captured ${packets} into ${where}; ${missing}.`;
}

function misses({ ignored, malformed, dropped }: Counters): string {
  if (ignored + malformed + dropped === 0) return "nothing ignored, malformed or dropped";
  return `${groupDigits(ignored)} ignored, ${groupDigits(malformed)} malformed, ${
    groupDigits(dropped)
  } dropped`;
}

function upper(text: string): string {
  return text.toUpperCase();
}

function bytes(value: number): string {
  return formatBytes(value, { binary: true });
}

function bits(value: number): string {
  return formatBytes(value, { bits: true });
}

/** Returns the local time of day with microseconds. @param timeNs Nanoseconds since 1970. */
function clockTime(timeNs: bigint): string {
  const time = new Date(Number(timeNs / 1_000_000n));
  const parts = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) =>
    String(part).padStart(2, "0")
  );
  return `${parts.join(":")}.${(timeNs % 1_000_000_000n / 1000n).toString().padStart(6, "0")}`;
}
