import type { CaptureTotals } from "../../echo/capture/capture.ts";
import type { TappedPacket, TapVerdict } from "../../echo/capture/tap.ts";
import type { Counters } from "../../echo/counters.ts";
import type { PingReply } from "../../echo/network/ping_reply.ts";
import type { PingPlan } from "../../echo/network/plan.ts";
import { formatDriverVersion } from "../../wintun/library.ts";
import { describe } from "../../wire/describe.ts";
import { describeChanges, describeNetwork } from "../adapters/report.ts";
import { groupDigits } from "../process/group_digits.ts";
import type { Output } from "../process/output.ts";
import { printable } from "../process/printable.ts";
import { timeOfDay } from "../process/time_of_day.ts";
import { captureFileName } from "./capture_words.ts";
import type { StopReason } from "./ending.ts";
import type { EchoKinds } from "./echo_kinds.ts";
import type { NetworkFigures } from "./network/figures.ts";
import type { ServePlan } from "./plan.ts";
import { LiveView } from "./live_view.ts";
import { BUSIEST_HOSTS, busiestHosts } from "./network/host_rates.ts";
import { formatPortRange } from "./network/ranges.ts";
import { describeHost, describePings, describePlan, describeReply, describeTotals } from "./network/text.ts";
import { bits, bytes } from "./quantities.ts";
import { ratesBetween, type Served, type ServeState } from "./state.ts";

/** Verdicts that a line does not show, because its packet shows them. */
const PLAIN_VERDICTS: ReadonlySet<TapVerdict> = new Set(["reply", "request", "answer"]);

/** Reports a `serve` to people. */
export class TextReport {
  readonly #output: Output;
  readonly #plan: ServePlan;
  readonly #live = new LiveView();
  #name = "";

  constructor(output: Output, plan: ServePlan) {
    this.#output = output;
    this.#plan = plan;
  }

  ready({ adapter, created, changes, driver, network }: Served): void {
    const { simulate, echo } = this.#plan;
    this.#name = printable(adapter.name);
    const bold = this.#output.paintNote("bold");
    const kind = simulate ? "Simulated adapter" : "Adapter";
    this.#output.note(
      `${kind} ${bold(this.#name)} is up${created ? ", created for this run" : ""}: ${
        describeNetwork(adapter)
      }.`,
    );
    if (driver !== undefined && !simulate) {
      this.#output.note(`The driver is Wintun ${formatDriverVersion(driver)}.`);
    }
    if (changes.length > 0) this.#output.note(`Changed for good: ${describeChanges(changes)}.`);
    this.#output.note(`${describeEcho(echo)} ${this.#howItEnds()}`);
    for (const sentence of network === undefined ? [] : describePlan(network)) this.#output.note(sentence);
  }

  ping(plan: PingPlan, reply: PingReply): void {
    this.#output.result(describeReply(plan, reply));
  }

  packet(packet: TappedPacket): void {
    const paint = this.#output.paint(packet.direction === "in" ? "cyan" : "green");
    const verdict = PLAIN_VERDICTS.has(packet.verdict)
      ? ""
      : `  ${this.#output.paint("yellow")(`[${packet.verdict}]`)}`;
    const time = this.#output.paint("dim")(clockTime(packet.timeNs));
    this.#output.result(
      `${time} ${paint(packet.direction.padEnd(3))} ${describe(packet.bytes, packet.length)}${verdict}`,
    );
  }

  stats(state: ServeState, previous: ServeState): void {
    const { totals, seconds, capture, network } = state;
    const time = `${seconds.toFixed(this.#secondsDigits).padStart(6)} s`;
    if (this.#output.hasLive) {
      this.#output.live(...this.#live.lines(time, state, previous, this.#output.size));
      return;
    }
    const rate = ratesBetween(previous, state);
    const received = `${groupDigits(Math.round(rate("received")))}/s, ${bits(8 * rate("receivedBytes"))}/s`;
    const replied = `${groupDigits(Math.round(rate("replied")))}/s, ${bits(8 * rate("repliedBytes"))}/s`;
    const captured = capture === undefined
      ? ""
      : `  captured ${groupDigits(capture.written)}, missed ${groupDigits(capture.missed)}`;
    this.#output.result(
      `${time}  received ${groupDigits(totals.received)} (${received})  replied ${
        groupDigits(totals.replied)
      } (${replied})` +
        `  ${misses(totals)}${captured}`,
    );
    if (network === undefined) return;
    const before = previous.network?.hosts ?? [];
    for (const host of busiestHosts(before, network.hosts, seconds - previous.seconds, BUSIEST_HOSTS)) {
      this.#output.result(`${" ".repeat(time.length)}  ${describeHost(host)}`);
    }
  }

  stopped(reason: StopReason, { totals, seconds, log, capture, network }: ServeState): void {
    if (this.#output.hasLive) this.#output.live();
    const restarts = totals.restarts === 0 ? "" : ` Sessions restarted: ${totals.restarts}.`;
    this.#output.result(
      `${this.#output.paint("bold")(`Served ${this.#name} for ${seconds.toFixed(1)} s`)} (${
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
    if (network !== undefined) this.#writeNetwork(network, seconds);
  }

  /** Writes what has happened in a network. */
  #writeNetwork({ totals, hosts, ping }: NetworkFigures, seconds: number): void {
    const { onPurpose, errors } = describeTotals(totals);
    if (onPurpose !== "") this.#output.result(`Network: ${onPurpose}.`);
    if (errors !== "") this.#output.result(`Errors sent: ${errors}.`);
    for (const host of busiestHosts([], hosts, seconds, BUSIEST_HOSTS)) {
      this.#output.result(`  ${describeHost(host)}`);
    }
    if (hosts.length > BUSIEST_HOSTS) {
      this.#output.result(
        `  and ${groupDigits(hosts.length - BUSIEST_HOSTS)} more addresses with fewer packets`,
      );
    }
    if (ping !== undefined) this.#output.result(describePings(ping));
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

/** Returns what is answered, as a sentence. */
function describeEcho(echo: EchoKinds): string {
  const { icmp, udp, udpPorts } = echo;
  const kinds = [...(icmp ? ["ICMP"] : []), ...(udp ? ["UDP"] : [])];
  if (kinds.length === 0) return "Answers nothing.";
  const ports = udpPorts === undefined
    ? ""
    : `, UDP on port ${udpPorts.map(formatPortRange).join(", ")} only`;
  return `Answers ${kinds.join(" and ")} echo${ports}.`;
}

/** Returns the local time of day with microseconds. @param timeNs Nanoseconds since 1970. */
function clockTime(timeNs: bigint): string {
  const time = new Date(Number(timeNs / 1_000_000n));
  return `${timeOfDay(time)}.${(timeNs % 1_000_000_000n / 1000n).toString().padStart(6, "0")}`;
}
