// deno-lint-ignore-file no-console
/**
 * Our echo loop beside the same loop in C, through the same functions of the same emulator, in one run:
 * deno run -A main.ts [--json] [--rounds N] [--short]. What is compared are ratios of pairs that ran one after the
 * other; absolute times are those of a machine that does other things too.
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { buildBenchLoop, buildEmulator } from "../emulator/build.ts";
import type { BenchFigures, BenchPlan } from "../emulator/control.ts";

const SIZES = [64, 576, 1400];
const ICMP = 1;

/** Ratios and nanoseconds of one kind of measurement: medians over the rounds, and the range of the ratio. */
interface Comparison {
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  readonly ours: number;
  readonly c: number;
}

const { json, short, rounds: roundsText } = parseArgs(Deno.args, {
  boolean: ["json", "short"],
  string: ["rounds"],
});
const rounds = roundsText === undefined ? (short ? 1 : 7) : Number(roundsText);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError("--rounds takes a whole number from 1");
const library = await buildEmulator();
const loopInC = await buildBenchLoop();
const say = (line: string): void => json ? console.error(line) : console.log(line);

async function figures(program: string, args: readonly string[]): Promise<BenchFigures> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (code !== 0) throw new Error(`${program} failed:\n${new TextDecoder().decode(stderr)}`);
  const result: BenchFigures = JSON.parse(new TextDecoder().decode(stdout));
  if (result.invalid > 0) throw new Error(`${program} sent ${result.invalid} wrong replies`);
  return result;
}

function measureOurs(plan: BenchPlan): Promise<BenchFigures> {
  const script = fromFileUrl(new URL("./ours.ts", import.meta.url));
  return figures(Deno.execPath(), ["run", "-A", "--no-check", script, library, JSON.stringify(plan)]);
}

function measureC(plan: BenchPlan): Promise<BenchFigures> {
  const { mode, packetBytes, batch, packets, warmup, gapUs, verifyEvery } = plan;
  return figures(loopInC, [
    library,
    mode,
    "icmp",
    ...[packetBytes, batch, packets, warmup, gapUs, verifyEvery].map(String),
  ]);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

/**
 * Measures both in turn, `rounds` times.
 * @param cost What a figure costs; the ratio is of speeds (C's cost by ours) or, for `costs`, of costs (ours by C's).
 */
async function compare(
  plan: BenchPlan,
  by: "speeds" | "costs",
  costs: readonly ((figures: BenchFigures) => number)[],
): Promise<Comparison[]> {
  const pairs: [ours: BenchFigures, c: BenchFigures][] = [];
  for (let round = 0; round < rounds; round++) {
    const c = await measureC(plan);
    pairs.push([await measureOurs(plan), c]);
  }
  return costs.map((cost) => {
    const ratios = pairs.map(([ours, c]) => by === "speeds" ? cost(c) / cost(ours) : cost(ours) / cost(c));
    return {
      ratio: median(ratios),
      lowest: Math.min(...ratios),
      highest: Math.max(...ratios),
      ours: median(pairs.map(([ours]) => cost(ours))),
      c: median(pairs.map(([, c]) => cost(c))),
    };
  });
}

function row(name: string, { ratio, lowest, highest, ours, c }: Comparison): void {
  const range = `${lowest.toFixed(2)} to ${highest.toFixed(2)}`;
  say(
    `${name.padEnd(34)} ${ratio.toFixed(2).padStart(6)}  ${range.padEnd(14)} ${ours.toFixed(0).padStart(7)} ${
      c.toFixed(0).padStart(7)
    }`,
  );
}

say(`${"".padEnd(34)}  ratio  range            ours ns    C ns   (medians of ${rounds})`);

const plan = { protocol: ICMP, gapUs: 0, verifyEvery: 1000 };
const throughput: Record<string, number> = {};
const ownCore: Record<string, number> = {};
for (const packetBytes of SIZES) {
  const packets = short ? 500_000 : 4_000_000;
  const inline: BenchPlan = { ...plan, mode: "inline", packetBytes, batch: 256, packets, warmup: 500_000 };
  const [compared] = await compare(inline, "speeds", [(one) => one.clientNs / one.packets]);
  throughput[packetBytes] = compared.ratio;
  row(`echo, ${packetBytes} bytes`, compared);
}
for (const packetBytes of SIZES) {
  const packets = short ? 500_000 : 4_000_000;
  const thread: BenchPlan = { ...plan, mode: "thread", packetBytes, batch: 64, packets, warmup: 500_000 };
  const [compared] = await compare(thread, "speeds", [(one) => one.totalNs / one.packets]);
  ownCore[packetBytes] = compared.ratio;
  row(`echo, driver on its own core, ${packetBytes}`, compared);
}
const single: BenchPlan = {
  ...plan,
  mode: "latency",
  packetBytes: 64,
  batch: 1,
  packets: short ? 2_000 : 20_000,
  warmup: 1_000,
  gapUs: 50,
  verifyEvery: 1,
};
const [p50, p99] = await compare(single, "costs", [(one) => one.latencyNs.p50, (one) => one.latencyNs.p99]);
row("wake-up for one packet, p50", p50);
row("wake-up for one packet, p99", p99);
say("Throughput: C's nanoseconds a packet by ours, higher is better. Wake-up: ours by C's, lower is better.");

if (json) {
  const rounded = (value: number): number => Math.round(value * 1000) / 1000;
  const table = (values: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(values).map(([size, value]) => [size, rounded(value)]));
  console.log(JSON.stringify({
    throughput: table(throughput),
    latency: { p50: rounded(p50.ratio), p99: rounded(p99.ratio) },
    ownCore: table(ownCore),
  }));
}
