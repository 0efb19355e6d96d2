/** The table of the emulator: the loops alone, with a driver beside them, single packets, and captures. */
import type { BenchFigures, BenchPlan } from "../emulator/control.ts";
import { commonPlan, compareEcho, ECHO_HEADING, perPacket, SIZES } from "./echo.ts";
import type { Speeds } from "./guard.ts";
import type { Bench, Cost, OurPlan } from "./measure.ts";
import type { NetworkName } from "./networks.ts";
import { rounded, Table } from "./table.ts";

/** Ratios, and shares from 0 to 1. */
export interface EmulatorFigures {
  readonly throughput: Speeds;
  readonly networks: Readonly<
    Record<NetworkName, { readonly packetsPerSecond: number; readonly share: number }>
  >;
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly ownCore: Speeds;
  readonly captured: Readonly<Record<string, { packetsPerSecond: number; share: number; missed: number }>>;
  readonly paced: Readonly<Record<string, { missed: number; logged: number }>>;
}

const wholePerPacket = ({ totalNs, packets }: BenchFigures): number => totalNs / packets;

/** Compares our loop that plays a network with plain echo, in the same way, and prints a row. */
async function compareNetwork(
  bench: Bench,
  say: (line: string) => void,
  name: string,
  cost: Cost,
  { network, ...plain }: OurPlan,
): Promise<{ packetsPerSecond: number; share: number }> {
  const ns = cost(await bench.fastest({ ...plain, ...(network === undefined ? {} : { network }) }));
  const share = cost(await bench.fastest(plain)) / ns;
  say(
    `  ${name.padEnd(12)} ${share.toFixed(2).padStart(5)}   ${
      Math.round(1e9 / ns).toLocaleString("en-US")
    } a second`,
  );
  return { packetsPerSecond: Math.round(1e9 / ns), share: rounded(share) };
}

/**
 * Measures everything on the emulator, and prints it.
 * @param short Whether to measure fewer packets.
 */
export async function measureOnEmulator(
  bench: Bench,
  say: (line: string) => void,
  short: boolean,
): Promise<EmulatorFigures> {
  const table = new Table(say);
  const common = commonPlan(short);
  const { packets } = common;

  say(ECHO_HEADING);
  const throughput: Record<string, number> = {};
  const uncaptured: Record<string, number> = {};
  for (const packetBytes of SIZES) {
    const compared = await compareEcho(bench, packetBytes, short);
    throughput[packetBytes] = table.speed(packetBytes, compared);
    uncaptured[packetBytes] = compared.ours;
  }

  say("Echo with the driver on a processor of its own: the same (fastest runs)");
  const ownCore: Record<string, number> = {};
  for (const packetBytes of SIZES) {
    const plan: BenchPlan = { ...common, mode: "thread", packetBytes, batch: 64 };
    // The warm-up is long enough for a full window of LoadMeter, so that the loop has measured its load.
    const [compared] = await bench.compare(short ? plan : { ...plan, warmup: 8_000_000 }, "fastest", [
      wholePerPacket,
    ]);
    ownCore[packetBytes] = table.speed(packetBytes, compared);
  }

  say("Our loop that plays a network, 64 bytes: packets a second, and their share of those of plain echo");
  const inTurn: OurPlan = { ...common, mode: "inline", packetBytes: 64, batch: 256 };
  const beside: OurPlan = { ...common, mode: "thread", packetBytes: 64, batch: 64 };
  const networks = {
    hosts: await compareNetwork(bench, say, "20 hosts", perPacket, { ...inTurn, network: "hosts" }),
    // Inline, a reply that is not there at the next wait would be lost.
    delay: await compareNetwork(bench, say, "delay 1 ms", wholePerPacket, { ...beside, network: "delay" }),
  };

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
  const times = await bench.compare(single, "median", [
    (one) => one.latencyNs.p50,
    (one) => one.latencyNs.p99,
  ]);
  const latency = { p50: table.time("p50", times[0]), p99: table.time("p99", times[1]) };

  say(
    "Our loop with every packet captured (to /dev/null): packets a second, and their share of those without",
  );
  const captured: Record<string, { packetsPerSecond: number; share: number; missed: number }> = {};
  for (const packetBytes of [64, 1400]) {
    const plan: BenchPlan = { ...common, mode: "inline", packetBytes, batch: 256, warmup: packets };
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

  return { throughput, networks, latency, ownCore, captured, paced };
}
