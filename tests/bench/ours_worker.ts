/// <reference lib="deno.worker" />
import { runEcho } from "../../src/echo/loop.ts";
import { runNetwork } from "../../src/echo/network/network_loop.ts";
import { createNetworkStatistics } from "../../src/echo/network/statistics.ts";
import type { Tap } from "../../src/echo/capture/tap.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import { Adapter } from "../../src/wintun/adapter.ts";
import { openWintun } from "../../src/wintun/library.ts";
import { attachRings } from "../../src/wintun/rings.ts";
import {
  beginBench,
  type BenchFigures,
  type BenchPlan,
  endBench,
  openEmulatorControl,
} from "../emulator/control.ts";
import { type NetworkName, NETWORKS } from "./networks.ts";

/** The paths of the libraries to measure with. */
export interface BenchLibraries {
  readonly wintun: string;
  /** By default the system's. */
  readonly kernel32?: string;
  /** The library with the control functions of the emulator. */
  readonly control: string;
}

/** One measurement, and the arguments of the loop for it. */
export interface Task {
  readonly libraries: BenchLibraries;
  /** Absent: the library measures by itself, and ends the process. */
  readonly plan?: BenchPlan;
  /** Made by `createCounters()`. */
  readonly counters: Float64Array;
  readonly taps: readonly Tap[];
  readonly spinTries?: number;
  /** Absent: plain echo. */
  readonly network?: NetworkName;
}

function measure({ libraries, plan, counters, taps, spinTries, network }: Task): BenchFigures {
  const { wintun, control: controlPath, ...system } = libraries;
  const control = openEmulatorControl(controlPath).symbols;
  using adapter = Adapter.create(openWintun(wintun, new SystemLibraries(system)), "bench", "Wintun", null);
  const { attachment } = adapter.startSession(4 * 1024 * 1024);
  using rings = attachRings(attachment);
  // The emulator sets the stop event with the last reply, so the loop ends by itself. This thread calls the bench and the
  // loop, because inline the driver's work is done in this thread's waits.
  if (plan !== undefined) beginBench(control, attachment.session, plan, attachment.stopEvent);
  const options = { icmp: true, udp: true, ...(spinTries === undefined ? {} : { spinTries }) };
  if (network === undefined) runEcho(rings, options, counters, taps);
  else {
    const run = { plan: NETWORKS[network], elapsedMs: 0, statistics: createNetworkStatistics() };
    runNetwork(rings, options, counters, taps, run, () => {});
  }
  return endBench(control);
}

self.onmessage = ({ data }: MessageEvent<Task>) => self.postMessage(measure(data));
