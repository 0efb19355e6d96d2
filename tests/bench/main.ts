// deno-lint-ignore-file no-console
/**
 * Measures our echo loop beside the same loop in C, through the same functions of the same libraries, in one run:
 * deno run -A main.ts [--json] [--rounds N] [--short] [--on emulator|signed | --peers]. The first table is measured on the emulator, the
 * second on the signed wintun.dll in the Windows world. The output names each figure. The ratios are the result;
 * nanoseconds depend on this machine and its other load.
 *
 * With --peers, it compares our loop with Wintun's bindings for Go and Rust instead (peers/compare.ts).
 *
 * Exit code 1 if our loop is too slow (guard.ts), or a reply is wrong or lost.
 */
import { parseArgs } from "@std/cli/parse-args";
import { World } from "../on_windows/world/world.ts";
import { type Speeds, tooSlow } from "./guard.ts";
import { bringSignedDll, loopsOnEmulator, loopsOnSignedDll } from "./loops.ts";
import { Bench } from "./measure.ts";
import { measureOnEmulator } from "./on_emulator.ts";
import { measureOnSignedDll } from "./on_signed.ts";
import { comparePeers } from "./peers/compare.ts";

const { on, rounds: roundsText, ...flags } = parseArgs(Deno.args, {
  boolean: ["json", "short", "peers"],
  string: ["rounds", "on"],
  unknown: (argument) => {
    throw new TypeError(
      `${argument}: the bench takes --json, --short, --rounds N, --on emulator|signed and --peers`,
    );
  },
});
const [json, short] = [flags.json === true, flags.short === true];
const rounds = roundsText === undefined ? (short ? 1 : 5) : Number(roundsText);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError("--rounds takes a whole number from 1");
if (on !== undefined && on !== "emulator" && on !== "signed") {
  throw new TypeError("--on takes emulator or signed");
}

if (flags.peers && (short || on !== undefined)) {
  throw new TypeError("--peers goes with --json and --rounds only");
}

const say = (line: string): void => json ? console.error(line) : console.log(line);
const startWorld = (): Promise<World> => World.start({ say: (line) => console.error(line) });
const columns = `${"".padEnd(15)}ratio   in ${String(rounds).padStart(2)} rounds      ours ns    C ns`;
const results: Record<string, object> = {};
/** Speeds by what they were measured on. */
const speeds: Record<string, Speeds> = {};

async function tableOfEmulator(): Promise<void> {
  say(`On the emulator\n${columns}`);
  const figures = await measureOnEmulator(new Bench(await loopsOnEmulator(), rounds), say, short);
  results.emulator = figures;
  speeds["the emulator"] = figures.throughput;
}

async function tableOfSignedDll(): Promise<void> {
  await bringSignedDll();
  await using world = await startWorld();
  say(`On the signed wintun.dll, in Wine: everything below the DLL is a stand-in\n${columns}`);
  const figures = await measureOnSignedDll(new Bench(loopsOnSignedDll(world), rounds), say, short);
  results.signedDll = figures;
  speeds["the signed wintun.dll"] = figures.throughput;
}

async function tableOfPeers(): Promise<void> {
  await using world = await startWorld();
  say(
    `On the emulator as a DLL, in Wine: the loop alone, by C's (fastest of ${rounds} runs); start and memory`,
  );
  const figures = await comparePeers(world, rounds, say);
  results.peers = figures;
  speeds["the emulator as a DLL"] = figures.ours?.speeds ?? {};
}

if (flags.peers) await tableOfPeers();
else if (on === "signed") await tableOfSignedDll();
else {
  await tableOfEmulator();
  if (on === undefined) {
    if (Deno.build.os === "linux" && Deno.build.arch === "x86_64" && Deno.uid() === 0) {
      await tableOfSignedDll();
    } else {say(
        "The table of the signed wintun.dll is left out. Its Windows world needs root on x86-64 Linux.",
      );}
  }
}

if (json) console.log(JSON.stringify(results));
const faults = tooSlow(speeds);
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error("Does this Deno still compile the calls of a DLL as fast calls? See tests/bench/README.md.");
  Deno.exit(1);
}
