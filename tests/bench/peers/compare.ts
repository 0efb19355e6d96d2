/**
 * Compares our loop with echo on the Wintun bindings of Go and Rust, all as Windows programs on the emulator in one Windows
 * world, in turn. C's loop is the measure.
 */
import { inside } from "../../on_windows/world/base.ts";
import { windowsPaths, type World } from "../../on_windows/world/world.ts";
import { SIZES } from "../echo.ts";
import { run } from "../measure.ts";
import type { BenchLibraries } from "../ours_worker.ts";
import { rounded } from "../table.ts";
import { buildGo, buildMeasuringDll, buildRust } from "./programs.ts";

/** What measuring.c prints. */
interface PeerFigures {
  readonly packets: number;
  readonly lost: number;
  readonly invalid: number;
  readonly clientNs: number;
  readonly peakBytes: number;
  readonly endedAtMs: number;
}

/** The best of one program in all rounds: other load can only slow a run. */
export interface PeerResult {
  /** C's time a packet by this program's, by the size of the packet. */
  readonly speeds: Readonly<Record<number, number>>;
  /** From the start of the process to its first reply. */
  readonly startMs: number;
  /** The peak memory of a process that answers one packet. */
  readonly peakMib: number;
}

type Peer = "c" | "ours" | "rust" | "go";

const TITLES: Readonly<Record<Peer, string>> = {
  c: "C",
  ours: "ours, in Deno",
  rust: "Rust, wintun 0.5.1",
  go: "Go, golang.zx2c4.com/wintun",
};

const PACKETS = { measured: 400_000, warmup: 400_000 };
const FOLDER = "Z:\\peers";

/**
 * Measures all programs, and prints a table. A language that cannot be built here is left out, and the reason is printed.
 * @param rounds How often everything is measured, 1 or more.
 */
export async function comparePeers(
  world: World,
  rounds: number,
  say: (line: string) => void,
): Promise<Partial<Record<Peer, PeerResult>>> {
  const peers = await bringPeers(world, say);
  const runs = new Map<string, PeerFigures[]>();
  const starts = new Map<Peer, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const bytes of [0, ...SIZES]) {
      for (const peer of peers) {
        const begun = Date.now();
        // With a size of 0, the start: one packet of 64 bytes.
        const plan = bytes === 0 ? "64 1 0" : `${bytes} ${PACKETS.measured} ${PACKETS.warmup}`;
        const figures = await run<PeerFigures>(TITLES[peer], commandFor(world, peer, plan));
        append(runs, `${peer} ${bytes}`, figures);
        if (bytes === 0) append(starts, peer, figures.endedAtMs - begun);
      }
    }
  }

  say(`${"".padEnd(29)}${SIZES.map((bytes) => `${bytes} B`.padStart(7)).join("")}     start    memory`);
  const results: Partial<Record<Peer, PeerResult>> = {};
  const fastest = (peer: Peer, bytes: number): number =>
    Math.min(...runs.get(`${peer} ${bytes}`)!.map(({ clientNs, packets }) => clientNs / packets));
  for (const peer of peers) {
    const speeds = Object.fromEntries(
      SIZES.map((bytes) => [bytes, rounded(fastest("c", bytes) / fastest(peer, bytes))]),
    );
    const startMs = Math.round(Math.min(...starts.get(peer)!));
    const peakMib = Math.round(
      Math.min(...runs.get(`${peer} 0`)!.map(({ peakBytes }) => peakBytes)) / 2 ** 20,
    );
    say(
      `  ${TITLES[peer].padEnd(27)}${SIZES.map((bytes) => speeds[bytes].toFixed(2).padStart(7)).join("")}` +
        `${startMs.toFixed(0).padStart(7)} ms${peakMib.toFixed(0).padStart(6)} MiB`,
    );
    results[peer] = { speeds, startMs, peakMib };
  }
  return results;
}

/** Brings the programs into the world. Returns those that are there. */
async function bringPeers(world: World, say: (line: string) => void): Promise<Peer[]> {
  const folder = world.file(FOLDER);
  await Deno.mkdir(folder);
  await buildMeasuringDll(folder);
  const peers: Peer[] = ["c", "ours"];
  for (const [peer, build] of [["rust", buildRust], ["go", buildGo]] as const) {
    try {
      await build(folder);
      peers.push(peer);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      say(`${TITLES[peer]} is left out, because it cannot be built here: ${error.message}`);
    }
  }
  return peers;
}

function commandFor(world: World, peer: Peer, plan: string): Deno.Command {
  const wintun = `${FOLDER}\\wintun.dll`;
  const options = {
    env: { BENCH_PLAN: plan, WINTUN_EMULATOR_LINK: "none" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  } as const;
  if (peer === "ours") {
    const script = `${windowsPaths.checkout}\\tests\\bench\\ours.ts`;
    const libraries: BenchLibraries = { wintun, control: wintun };
    return world.wine(
      inside.denoElevated,
      ["run", "-A", "--no-check", script, JSON.stringify(libraries)],
      options,
    );
  }
  if (peer === "c") return world.wine("/world/echo_loop.exe", [wintun, "kernel32.dll", wintun], options);
  return world.wine(`${FOLDER}\\${peer}.exe`, [], options);
}

function append<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  lists.set(key, [...lists.get(key) ?? [], value]);
}
