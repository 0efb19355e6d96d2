/** The lines that the bench prints for its comparisons. */
import type { Comparison } from "./measure.ts";

/** Returns a value with three digits behind the point, as the figures in JSON have them. */
export const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** Prints comparisons below each other. */
export class Table {
  readonly #say: (line: string) => void;

  /** @param say Receives each line. */
  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Prints a row of speeds, and returns their ratio: C's nanoseconds by ours. */
  speed(bytes: number, { ours, c, lowest, highest }: Comparison): number {
    this.#row(`${bytes} bytes`, c / ours, [1 / highest, 1 / lowest], ours, c);
    return rounded(c / ours);
  }

  /** Prints a row of times, and returns their ratio: our nanoseconds by C's. */
  time(name: string, { ours, c, lowest, highest }: Comparison): number {
    this.#row(name, ours / c, [lowest, highest], ours, c);
    return rounded(ours / c);
  }

  #row(name: string, ratio: number, range: readonly [number, number], ours: number, c: number): void {
    const [low, high] = range.map((value) => value.toFixed(2));
    this.#say(
      `  ${name.padEnd(12)} ${ratio.toFixed(2).padStart(5)}   ${`${low} to ${high}`.padEnd(14)}` +
        `${ours.toFixed(0).padStart(7)} ${c.toFixed(0).padStart(7)}`,
    );
  }
}
