/** Measures the times of whole processes. */
import { join } from "@std/path";

/** The time of one command line: the median in milliseconds, and its ratio to the median of an empty file. */
export interface StartupTime {
  readonly ms: number;
  readonly ratio: number;
}

/** Runs `deno run` of an empty file and each command line in turn, `rounds` times. Returns the times in the same order. */
export async function measureStartup(
  deno: string,
  commandLines: readonly (readonly string[])[],
  rounds: number,
): Promise<StartupTime[]> {
  const folder = await Deno.makeTempDir({ prefix: "wintun-bench-" });
  try {
    const empty = join(folder, "empty.ts");
    await Deno.writeTextFile(empty, "");
    const all = [[deno, "run", empty], ...commandLines];
    const times: number[][] = all.map(() => []);
    // The first round fills caches.
    for (let round = -1; round < rounds; round++) {
      for (const [index, commandLine] of all.entries()) {
        const ms = await timeOf(commandLine);
        if (round >= 0) times[index].push(ms);
      }
    }
    const [base, ...medians] = times.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1]);
    return medians.map((ms) => ({ ms, ratio: ms / base }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function timeOf([program, ...args]: readonly string[]): Promise<number> {
  const started = performance.now();
  await new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return performance.now() - started;
}
