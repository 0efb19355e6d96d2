// deno-lint-ignore-file no-console
/**
 * How long whole processes take from start to end, beside `deno run` of an empty file:
 * deno run -A startup.ts [--program EXE [--deno DENO]] [--rounds N] [--json].
 *
 * Measures the program from source, or the compiled EXE, whose Deno may be another than the one that runs this. All are
 * run in turn, so that what else the machine does hits all alike; what counts are the ratios.
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { measureStartup } from "./startup_times.ts";

const main = fromFileUrl(new URL("../../src/main.ts", import.meta.url));
const COMMANDS = ["--help", "list --json", "list --json --simulate", "version"];

const { json, program, deno, rounds } = parseArgs(Deno.args, {
  boolean: ["json"],
  string: ["program", "deno", "rounds"],
});
const permissions = ["ffi", "read", "write", "run", "env"].map((name) => `--allow-${name}`);
const start = program === undefined ? [Deno.execPath(), "run", ...permissions, main] : [program as string];
const results = await measureStartup(
  (deno ?? Deno.execPath()) as string,
  COMMANDS.map((command) => [...start, ...command.split(" ")]),
  rounds === undefined ? 31 : Number(rounds),
);
const figures = results.map(({ ms, ratio }, index) => ({ command: COMMANDS[index], ms, ratio }));
if (json) console.log(JSON.stringify({ schema: 1, figures }));
else {
  for (const { command, ms, ratio } of figures) {
    console.log(`wintun ${command.padEnd(24)} ${ms.toFixed(1).padStart(6)} ms   ${ratio.toFixed(2)}`);
  }
}
