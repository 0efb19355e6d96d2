// deno-lint-ignore-file no-console
/**
 * Measures how long whole processes take from start to end, beside `deno run` of an empty file:
 * deno run -A startup.ts [--program EXE [--deno DENO] [--before EXE]] [--rounds N] [--json].
 *
 * The program is run from source, or as the compiled EXE. The EXE's Deno may differ from the Deno that runs this script.
 * `--before` adds the EXE of an earlier commit. All are run in turn, so that other load on the machine disturbs all alike.
 * The ratios are the result.
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { measureStartup } from "./startup_times.ts";

const main = fromFileUrl(new URL("../../src/main.ts", import.meta.url));
const COMMANDS = [
  "--help",
  "version",
  "list --json",
  "list --json --simulate=:memory:",
  "create demo --dry-run --simulate=:memory:",
  "serve demo --simulate=:memory: --address 10.6.7.7/24 --count 1",
];

const { json, program, before, deno, rounds } = parseArgs(Deno.args, {
  boolean: ["json"],
  string: ["program", "before", "deno", "rounds"],
});
const permissions = ["ffi", "read", "write", "run", "env"].map((name) => `--allow-${name}`);
const start = program === undefined ? [Deno.execPath(), "run", ...permissions, main] : [program as string];
const starts = before === undefined ? [start] : [start, [before as string]];
const results = await measureStartup(
  (deno ?? Deno.execPath()) as string,
  COMMANDS.flatMap((command) => starts.map((one) => [...one, ...command.split(" ")])),
  rounds === undefined ? 31 : Number(rounds),
);
const figures = COMMANDS.map((command, index) => {
  const [now, earlier] = results.slice(index * starts.length, (index + 1) * starts.length);
  return { command, ...now, ...(earlier === undefined ? {} : { beforeMs: earlier.ms }) };
});
if (json) console.log(JSON.stringify({ schema: 1, figures }));
else {
  for (const { command, ms, ratio, beforeMs } of figures) {
    const beside = beforeMs === undefined ? "" : `   before ${beforeMs.toFixed(1)} ms`;
    console.log(
      `wintun ${command.padEnd(34)} ${ms.toFixed(1).padStart(6)} ms   ${ratio.toFixed(2)}${beside}`,
    );
  }
}
