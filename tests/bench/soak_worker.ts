/// <reference lib="deno.worker" />
import { createCounters, RECEIVED } from "../../src/echo/counters.ts";
import { runEcho } from "../../src/echo/loop.ts";
import { SystemLibraries } from "../../src/windows/system_libraries.ts";
import type { Device } from "../../src/wintun/device.ts";
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

/** The task that soak.ts posts. */
export interface SoakTask {
  readonly library: string;
  readonly plan: BenchPlan;
  /** The numbers of packets after which memory is measured, in rising order. */
  readonly looks: readonly number[];
}

/** The memory in use after so many packets. */
export interface MemoryUse {
  readonly packets: number;
  /** The size of this thread's heap. */
  readonly heapBytes: number;
  /** The resident size of the process. */
  readonly residentBytes: number;
}

export interface SoakResult {
  readonly figures: BenchFigures;
  readonly uses: readonly MemoryUse[];
}

/** Returns the rings as a device that measures memory in a wait when that is due. */
function watched(rings: Device, counters: Float64Array, looks: readonly number[], uses: MemoryUse[]): Device {
  return {
    receiveFirst: () => rings.receiveFirst(),
    get packets() {
      return rings.packets;
    },
    wait(timeoutMs: number): number {
      if (counters[RECEIVED] >= looks[uses.length]) {
        const { heapUsed, rss } = Deno.memoryUsage();
        uses.push({ packets: counters[RECEIVED], heapBytes: heapUsed, residentBytes: rss });
      }
      return rings.wait(timeoutMs);
    },
    waitPrecisely: (timeoutUs) => rings.waitPrecisely(timeoutUs),
    early: rings.early,
    close: () => rings.close(),
    [Symbol.dispose]: () => rings.close(),
  };
}

function soak({ library, plan, looks }: SoakTask): SoakResult {
  const control = openEmulatorControl(library).symbols;
  using adapter = Adapter.create(
    openWintun(library, new SystemLibraries({ kernel32: library })),
    "soak",
    "Wintun",
    null,
  );
  const { attachment } = adapter.startSession(4 * 1024 * 1024);
  using rings = attachRings(attachment);
  const counters = createCounters();
  const uses: MemoryUse[] = [];
  beginBench(control, attachment.session, plan, attachment.stopEvent);
  using device = watched(rings, counters, looks, uses);
  runEcho(device, { icmp: true, udp: true, spinTries: 0 }, counters, []);
  return { figures: endBench(control), uses };
}

self.onmessage = ({ data }: MessageEvent<SoakTask>) => self.postMessage(soak(data));
