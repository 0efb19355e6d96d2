import type { Environment } from "../../src/cli/process/environment.ts";
import { main as runMain } from "../../src/main.ts";
import { validateLines } from "../validation.ts";
import { CapturedStream } from "./fake_environment.ts";

/** Runs the program's `main`, and validates the JSON that it has written to captured streams. */
export async function main(args: readonly string[], environment: Environment): Promise<number> {
  const streams = [environment.stdout, environment.stderr].filter((stream) =>
    stream instanceof CapturedStream
  );
  const starts = streams.map(({ text }) => text.length);
  const code = await runMain(args, environment);
  for (const [index, { text }] of streams.entries()) validateLines(args, text.slice(starts[index]));
  return code;
}
