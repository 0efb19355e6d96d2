// deno-lint-ignore-file no-console
/**
 * Measures our echo loop beside the same loop in C, through the same functions of the same emulator, in one run:
 * deno run -A main.ts [--json] [--rounds N] [--short]. The output names each figure. The ratios are the result;
 * nanoseconds depend on this machine and its other load.
 */
import { parseArgs } from "@std/cli/parse-args";
import { buildBenchLoop, buildEmulator } from "../emulator/build.ts";
import type { BenchFigures, BenchPlan } from "../emulator/control.ts";
import { Bench, type Comparison } from "./measure.ts";

const SIZES = [64, 576, 1400];
const ICMP = 1;

const { json, short, rounds: roundsText } = parseArgs(Deno.args, {
  boolean: ["json", "short"],
  string: ["rounds"],
  unknown: (argument) => {
    throw new TypeError(`${argument}: the bench takes --json, --short and --rounds N`);
  },
});
const rounds = roundsText === undefined ? (short ? 1 : 5) : Number(roundsText);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError("--rounds takes a whole number from 1");
const bench = new Bench(await buildEmulator(), await buildBenchLoop(), rounds);

const say = (line: string): void => json ? console.error(line) : console.log(line);
const rounded = (value: number): number => Math.round(value * 1000) / 1000;
const perPacket = ({ clientNs, packets }: BenchFigures): number => clientNs / packets;
const wholePerPacket = ({ totalNs, packets }: BenchFigures): number => totalNs / packets;

function row(name: string, ratio: number, range: readonly [number, number], ours: number, c: number): void {
  const [low, high] = range.map((value) => value.toFixed(2));
  say(
    `  ${name.padEnd(12)} ${ratio.toFixed(2).padStart(5)}   ${`${low} to ${high}`.padEnd(14)}` +
      `${ours.toFixed(0).padStart(7)} ${c.toFixed(0).padStart(7)}`,
  );
}

/** Prints a row of speeds, and returns their ratio: C's nanoseconds by ours. */
function speedRow(bytes: number, { ours, c, lowest, highest }: Comparison): number {
  row(`${bytes} bytes`, c / ours, [1 / highest, 1 / lowest], ours, c);
  return rounded(c / ours);
}

/** Prints a row of times, and returns their ratio: our nanoseconds by C's. */
function timeRow(name: string, { ours, c, lowest, highest }: Comparison): number {
  row(name, ours / c, [lowest, highest], ours, c);
  return rounded(ours / c);
}

const common = { protocol: ICMP, gapUs: 0, verifyEvery: 1000, warmup: short ? 500_000 : 1_000_000 };
const packets = short ? 500_000 : 1_500_000;

say(`${"".padEnd(15)}ratio   in ${String(rounds).padStart(2)} rounds      ours ns    C ns`);
say("Echo, the cost of the loop alone: C's time a packet by ours (fastest runs; more is better)");
const throughput: Record<string, number> = {};
const uncaptured: Record<string, number> = {};
for (const packetBytes of SIZES) {
  const plan: BenchPlan = { ...common, mode: "inline", packetBytes, batch: 256, packets };
  const [compared] = await bench.compare(plan, "fastest", [perPacket]);
  throughput[packetBytes] = speedRow(packetBytes, compared);
  uncaptured[packetBytes] = compared.ours;
}

say("Echo with the driver on a processor of its own: the same (fastest runs)");
const ownCore: Record<string, number> = {};
for (const packetBytes of SIZES) {
  const plan: BenchPlan = { ...common, mode: "thread", packetBytes, batch: 64, packets };
  // The warm-up is long enough for a full window of LoadMeter, so that the loop has measured its load.
  const [compared] = await bench.compare(short ? plan : { ...plan, warmup: 8_000_000 }, "fastest", [
    wholePerPacket,
  ]);
  ownCore[packetBytes] = speedRow(packetBytes, compared);
}

say("Waking up for a single packet: our time by C's (medians; less is better)");
const single: BenchPlan = {
  ...common,
  mode: "latency",
  packetBytes: 64,
  batch: 1,
  packets: short ? 1_000 : 4_000,
  // V8 has compiled everything after this many packets. With one packet at a time, that takes longest.
  warmup: 30_000,
  gapUs: 20,
  verifyEvery: 1,
};
const times = await bench.compare(single, "median", [(one) => one.latencyNs.p50, (one) => one.latencyNs.p99]);
const latency = { p50: timeRow("p50", times[0]), p99: timeRow("p99", times[1]) };

say("Our loop with every packet captured (to /dev/null): packets a second, and their share of those without");
const captured: Record<string, { packetsPerSecond: number; share: number; missed: number }> = {};
for (const packetBytes of [64, 1400]) {
  const plan: BenchPlan = { ...common, mode: "inline", packetBytes, batch: 256, packets, warmup: packets };
  const figures = await bench.captured(plan, "/dev/null");
  const ns = perPacket(figures);
  const share = uncaptured[packetBytes] / ns;
  // A packet and its reply, warm-up included.
  const missed = figures.missed / (4 * packets);
  captured[packetBytes] = {
    packetsPerSecond: Math.round(1e9 / ns),
    share: rounded(share),
    missed: rounded(missed),
  };
  say(
    `  ${`${packetBytes} bytes`.padEnd(12)} ${share.toFixed(2).padStart(5)}   ` +
      `${Math.round(1e9 / ns).toLocaleString("en-US")} a second, ${
        (100 * missed).toFixed(0)
      } % of them too fast for the capture`,
  );
}

const BATCH = 256;
say("Our loop with 140,000 packets of 1400 bytes a second (280,000 with the replies), captured to a file");
const paced: Record<string, { missed: number; logged: number }> = {};
const folder = await Deno.makeTempDir();
try {
  for (const [name, ...log] of [["capture"], ["and log", `${folder}/log`]]) {
    const plan: BenchPlan = {
      ...common,
      mode: "inline",
      packetBytes: 1400,
      batch: BATCH,
      packets: short ? 280_000 : 420_000,
      // The measurement starts after the program has run for a second.
      warmup: 140_000,
      gapUs: Math.round(BATCH / 0.14),
    };
    const figures = await bench.recorded(plan, `${folder}/capture.pcapng`, ...log);
    const all = 2 * (plan.packets + plan.warmup);
    paced[name] = { missed: rounded(figures.missed / all), logged: rounded(figures.logged / all) };
    const [missed, logged] = [figures.missed, figures.logged].map((part) => (100 * part / all).toFixed(1));
    say(`  ${name.padEnd(12)} ${missed.padStart(5)} % missed by the capture, ${logged} % in the log`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}

if (json) console.log(JSON.stringify({ throughput, latency, ownCore, captured, paced }));
