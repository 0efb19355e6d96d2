/// <reference lib="deno.worker" />
import { createCounters } from "../../src/echo/counters.ts";
import { runEcho } from "../../src/echo/loop.ts";
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

/** What ours.ts asks for. */
export interface Task {
  readonly library: string;
  readonly plan: BenchPlan;
}

function measure({ library, plan }: Task): BenchFigures {
  const control = openEmulatorControl(library).symbols;
  using adapter = Adapter.create(openWintun(library, library), "bench", "Wintun", null);
  const { attachment } = adapter.startSession(4 * 1024 * 1024);
  using rings = attachRings(attachment);
  // The emulator sets the stop event with the last reply, so the loop ends by itself. Both are called on one thread
  // because inline the driver's work is done in this thread's waits.
  beginBench(control, attachment.session, plan, attachment.stopEvent);
  runEcho(rings, { icmp: true, udp: true, spinTries: 0 }, createCounters(), undefined);
  return endBench(control);
}

self.onmessage = ({ data }: MessageEvent<Task>) => self.postMessage(measure(data));
