/** Runs measurements of our loop and of C's, each in a separate process, one after the other. */
import type { BenchFigures, BenchPlan } from "../emulator/control.ts";
import type { NetworkName } from "./networks.ts";

/** The figures of our loop. */
export interface OurFigures extends BenchFigures {
  /** The number of packets and replies that the capture lacks. */
  readonly missed: number;
  /** The number of packets and replies that have a line in the log. */
  readonly logged: number;
}

/** What our loop measures. */
export interface OurPlan extends BenchPlan {
  /** The network that it plays. Absent: plain echo. */
  readonly network?: NetworkName;
}

/** Returns the compared cost, in nanoseconds. */
export type Cost = (figures: BenchFigures) => number;

/** A comparison of our loop with C's, over some rounds. */
export interface Comparison {
  /** The costs of both loops in nanoseconds, of which the ratio is made. */
  readonly ours: number;
  readonly c: number;
  /** The lowest and the highest ratio of our cost to C's in one round. */
  readonly lowest: number;
  readonly highest: number;
}

/** The choice among the figures of the rounds. The fastest is the least disturbed, because other load can only slow a run. */
export type Choice = "fastest" | "median";

/** Starts the two loops with the same libraries. */
export interface Loops {
  /** Returns the command for ours.ts. `args` are those behind the libraries. */
  ours(args: readonly string[]): Deno.Command;
  /** Returns the command for echo_loop. `args` are those behind the libraries. */
  c(args: readonly string[]): Deno.Command;
}

/** Measures our loop and C's with the same libraries. */
export class Bench {
  readonly #loops: Loops;
  readonly #rounds: number;

  /** @param rounds How often everything is measured, 1 or more. */
  constructor(loops: Loops, rounds: number) {
    this.#loops = loops;
    this.#rounds = rounds;
  }

  /** Measures both loops in turn, and returns one comparison for each of `costs`. @throws {Error} If a reply is wrong or lost. */
  async compare(plan: BenchPlan, choice: Choice, costs: readonly Cost[]): Promise<Comparison[]> {
    const pairs: [ours: BenchFigures, c: BenchFigures][] = [];
    for (let round = 0; round < this.#rounds; round++) {
      const c = await this.#measureC(plan);
      pairs.push([await this.#measureOurs(plan), c]);
    }
    return costs.map((cost) => {
      const ratios = pairs.map(([ours, c]) => cost(ours) / cost(c));
      return {
        ours: chosen(choice, pairs.map(([ours]) => cost(ours))),
        c: chosen(choice, pairs.map(([, c]) => cost(c))),
        lowest: Math.min(...ratios),
        highest: Math.max(...ratios),
      };
    });
  }

  /** Returns our fastest run with all packets captured to `path`. */
  async captured(plan: BenchPlan, path: string): Promise<OurFigures> {
    const runs = await this.#repeat(plan, path);
    return runs.reduce((fastest, run) => run.clientNs < fastest.clientNs ? run : fastest);
  }

  /** Returns the run in which a capture of all packets missed least. A second file is for a log of the packets. */
  async recorded(plan: BenchPlan, ...files: [capture: string, log?: string]): Promise<OurFigures> {
    const runs = await this.#repeat(plan, ...files.filter((file) => file !== undefined));
    return runs.reduce((best, run) => run.missed < best.missed ? run : best);
  }

  /** Returns our fastest run. */
  async fastest(plan: OurPlan): Promise<BenchFigures> {
    const runs = await this.#repeat(plan);
    return runs.reduce((fastest, run) => run.totalNs < fastest.totalNs ? run : fastest);
  }

  async #repeat(plan: OurPlan, ...files: string[]): Promise<OurFigures[]> {
    const runs: OurFigures[] = [];
    for (let round = 0; round < this.#rounds; round++) runs.push(await this.#measureOurs(plan, ...files));
    return runs;
  }

  #measureOurs(plan: OurPlan, ...files: string[]): Promise<OurFigures> {
    return run("our loop", this.#loops.ours([JSON.stringify(plan), ...files]));
  }

  #measureC(
    { mode, packetBytes, batch, packets, warmup, gapUs, verifyEvery }: BenchPlan,
  ): Promise<BenchFigures> {
    const numbers = [packetBytes, batch, packets, warmup, gapUs, verifyEvery].map(String);
    return run("the loop in C", this.#loops.c([mode, "icmp", ...numbers]));
  }
}

/**
 * Returns the figures that a program prints.
 * @param name The program's name in messages.
 * @throws {Error} If it fails, or a reply is wrong or lost.
 */
export async function run<Figures extends Pick<BenchFigures, "invalid" | "lost">>(
  name: string,
  command: Deno.Command,
): Promise<Figures> {
  const { code, stdout, stderr } = await command.output();
  if (code !== 0) throw new Error(`${name} failed:\n${new TextDecoder().decode(stderr)}`);
  const figures: Figures = JSON.parse(new TextDecoder().decode(stdout));
  if (figures.invalid > 0) throw new Error(`${name} sent ${figures.invalid} wrong replies`);
  if (figures.lost > 0) throw new Error(`${name} lost ${figures.lost} packets`);
  return figures;
}

function chosen(choice: Choice, values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return choice === "fastest" ? sorted[0] : sorted[sorted.length >> 1];
}
