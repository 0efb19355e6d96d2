import { failed, type Finding, ok, warning } from "../../../tun/findings.ts";
import type { Host } from "../../../tun/host.ts";
import {
  describePingStatus,
  type PingOutcome,
  type PingSeries,
  type RoundTrips,
} from "../../../windows/network/ping_series.ts";
import type { Family } from "../../../windows/network/sockaddr_inet.ts";
import { formatIpAddress, type IpAddress } from "../../../wire/ip_address.ts";
import { groupDigits } from "../../process/group_digits.ts";
import { bits } from "../../serve/quantities.ts";
import { round } from "../../serve/round.ts";
import type { Targets } from "./networks.ts";

/** Windows may take some seconds until it uses the addresses of an adapter that has just come up. */
const FIRST_REPLY_MS = 10_000;
const FIRST_TIMEOUT_MS = 500;
const TIMEOUT_MS = 2000;

/** The series, one after the other. Large pings are sent in fragments. */
const SERIES = {
  small: { payloadBytes: 32, parallel: 1, count: 300, durationMs: 5000, timeoutMs: TIMEOUT_MS },
  large: { payloadBytes: 20_000, parallel: 1, count: 20, durationMs: 5000, timeoutMs: TIMEOUT_MS },
  routed: { payloadBytes: 32, parallel: 1, count: 5, durationMs: 5000, timeoutMs: TIMEOUT_MS },
  parallel: { payloadBytes: 1000, parallel: 16, count: Infinity, durationMs: 1000, timeoutMs: TIMEOUT_MS },
} as const satisfies Record<string, Omit<PingSeries, "target">>;

type SeriesName = keyof typeof SERIES;

/** The result of a series for programs. */
export interface SeriesFigures extends Omit<PingOutcome, "roundTripUs"> {
  readonly target: string;
  readonly payloadBytes: number;
  readonly parallel: number;
  /** `null` without an answer. */
  readonly roundTripUs: RoundTrips | null;
  readonly answeredPerSecond: number;
}

/** The results of one IP version. */
export interface FamilyFigures extends Readonly<Record<SeriesName, SeriesFigures>> {
  /** Milliseconds from the first ping to the first reply. */
  readonly firstReplyMs: number;
}

/** What pings of one IP version have shown. */
export interface FamilyPings {
  /** Absent if there was no reply, or if this machine cannot send them. */
  readonly figures?: FamilyFigures;
  readonly findings: readonly Finding[];
}

/**
 * Pings the adapter's networks with one IP version.
 * @param sender What sends them, as the subject of a sentence.
 * @param now Returns milliseconds of a clock that never goes back.
 */
export async function pingFamily(
  host: Host,
  family: Family,
  { near, routed }: Targets,
  { sender, now, stop }: { readonly sender: string; readonly now: () => number; readonly stop: AbortSignal },
): Promise<FamilyPings> {
  const check = `self-test-ipv${family}`;
  const startedAt = now();
  const first = await firstReply(host, near, now, stop);
  if (first === undefined) {
    const message = `${sender} cannot send IPv${family} pings, so they were not tried.`;
    return { findings: [warning(check, message, "")] };
  }
  if (first.answered === 0) {
    const seconds = Math.round((now() - startedAt) / 1000);
    const message = `IPv${family}: no ping of ${formatIpAddress(near)} was answered in ${seconds} s${
      describeFailures(first)
    }.`;
    const hint =
      "A firewall or a VPN may drop ping. wintun serve --log-packets shows what arrives at an adapter.";
    return { findings: [failed(check, message, hint)] };
  }
  const firstReplyMs = Math.round(now() - startedAt);
  const measure = async (name: SeriesName, target: IpAddress): Promise<SeriesFigures> => {
    const series = { ...SERIES[name], target };
    const outcome = await host.ping(series, stop);
    stop.throwIfAborted();
    return figuresOf(series, outcome!);
  };
  const figures: FamilyFigures = {
    firstReplyMs,
    small: await measure("small", near),
    large: await measure("large", near),
    routed: await measure("routed", routed),
    parallel: await measure("parallel", near),
  };
  return { figures, findings: [judge(family, check, figures), judgeRate(family, figures.parallel, sender)] };
}

/** Pings until there is a reply. Returns the last outcome; `undefined` if this machine cannot send such pings. */
async function firstReply(
  host: Host,
  target: IpAddress,
  now: () => number,
  stop: AbortSignal,
): Promise<PingOutcome | undefined> {
  const series = { ...SERIES.routed, target, count: 1, timeoutMs: FIRST_TIMEOUT_MS };
  const deadlineMs = now() + FIRST_REPLY_MS;
  for (;;) {
    const outcome = await host.ping(series, stop);
    stop.throwIfAborted();
    if (outcome === undefined || outcome.answered > 0 || now() > deadlineMs) return outcome;
    // A ping that is refused ends at once.
    await new Promise((resolve) => setTimeout(resolve, FIRST_TIMEOUT_MS / 10));
  }
}

function figuresOf(
  { target, payloadBytes, parallel }: PingSeries,
  { roundTripUs, ...outcome }: PingOutcome,
): SeriesFigures {
  return {
    target: formatIpAddress(target),
    payloadBytes,
    parallel,
    ...outcome,
    seconds: round(outcome.seconds),
    roundTripUs: roundTripUs ?? null,
    answeredPerSecond: outcome.seconds > 0 ? Math.round(outcome.answered / outcome.seconds) : 0,
  };
}

function judge(family: Family, check: string, { small, large, routed }: FamilyFigures): Finding {
  const series = [small, large, routed];
  const isGood = series.every(({ sent, answered }) => answered === sent);
  const isDead = series.some(({ answered }) => answered === 0);
  const message = `IPv${family}: ${describeSeries(small)} of ${small.payloadBytes} bytes were answered${
    describeTimes(small)
  }; ${describeSeries(large)} of ${large.payloadBytes} bytes, in fragments; ${
    describeSeries(routed)
  } through the route to ${routed.target}.`;
  if (isGood) return ok(check, message);
  const hint =
    "Run it again. If pings are lost each time, wintun serve --log-packets shows which packets arrive.";
  return isDead ? failed(check, message, hint) : warning(check, message, hint);
}

function judgeRate(family: Family, figures: SeriesFigures, sender: string): Finding {
  const { payloadBytes, parallel, answeredPerSecond, sent, answered } = figures;
  const speed = bits(8 * payloadBytes * answeredPerSecond);
  const message =
    `IPv${family}: ${sender} got ${groupDigits(answeredPerSecond)} replies a second, ${speed}/s each ` +
    `way, with ${parallel} pings of ${payloadBytes} bytes under way${
      answered === sent ? "" : `; ${describeSeries(figures)} were answered`
    }. That is the speed of pings, not of the adapter.`;
  const check = `self-test-rate-ipv${family}`;
  if (answered === sent) return ok(check, message);
  return answered === 0 ? failed(check, message, "") : warning(check, message, "");
}

function describeSeries({ sent, answered, wrong, failures }: SeriesFigures): string {
  const errors = wrong === 0 ? "" : ` (${wrong} with wrong bytes)`;
  return `${groupDigits(answered)} of ${groupDigits(sent)} pings${errors}${describeFailures({ failures })}`;
}

function describeFailures({ failures }: Pick<PingOutcome, "failures">): string {
  if (failures.length === 0) return "";
  return ` (${failures.map(({ status, count }) => `${count} ${describePingStatus(status)}`).join(", ")})`;
}

function describeTimes({ roundTripUs }: SeriesFigures): string {
  if (roundTripUs === null) return "";
  const [min, median, p99] = [roundTripUs.min, roundTripUs.median, roundTripUs.p99].map(milliseconds);
  return ` (round trip at least ${min} ms, median ${median} ms, 99 of 100 within ${p99} ms)`;
}

function milliseconds(us: number): string {
  return (us / 1000).toFixed(us < 10_000 ? 2 : 1);
}
