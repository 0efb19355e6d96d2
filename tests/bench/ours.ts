// deno-lint-ignore-file no-console
/**
 * One measurement of the program's own echo loop, counters on, on a worker as in `serve`, printed as JSON:
 * deno run -A ours.ts LIBRARY PLAN [CAPTURE], where PLAN is a BenchPlan as JSON, and CAPTURE a file to capture all packets
 * into, as with --pcap. It adds `missed`, the packets that found no room on their way into the capture.
 */
import { Capture } from "../../src/echo/capture/capture.ts";
import { CaptureFiles } from "../../src/echo/capture/files.ts";
import { createCounters, readCounters } from "../../src/echo/counters.ts";
import { createTapMemory, type Tap, TapReader } from "../../src/echo/capture/tap.ts";
import { TapDrain } from "../../src/echo/capture/drain.ts";
import type { BenchFigures, BenchPlan } from "../emulator/control.ts";
import type { Task } from "./ours_worker.ts";

/** As in `serve`. */
const TAP_BYTES = 8 * 1024 * 1024;
const SNAP_LENGTH = 65_535;

const [library, planText, capturePath] = Deno.args;
const plan: BenchPlan = JSON.parse(planText);
const counters = createCounters();
const missed = (): number => readCounters(counters).tapMissed;

async function startCapture(tap: Tap, path: string): Promise<AsyncDisposable> {
  const files = new CaptureFiles(path, undefined);
  const capture = await Capture.open({
    openNext: () => files.openNext(),
    os: Deno.build.os,
    application: "wintun bench",
    missed,
    onStopped: ({ error }) => {
      throw error;
    },
  });
  await capture.begin({ name: "bench", description: "", snapLength: tap.snapLength });
  const drain = new TapDrain(new TapReader(tap.memory), undefined, capture);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      await drain.stop();
      await capture.close();
    },
  };
}

function measure(tap: Tap | undefined): Promise<BenchFigures> {
  const worker = new Worker(new URL("./ours_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<BenchFigures>();
  worker.onmessage = ({ data }) => {
    worker.terminate();
    resolve(data);
  };
  worker.onerror = (event) => reject(new Error(event.message));
  const task: Task = {
    library,
    plan,
    counters,
    ...(tap === undefined ? {} : { tap }),
    // Inline, nothing can come while the loop spins: what it spins would be counted as its work.
    ...(plan.mode === "inline" ? { spinTries: 0 } : {}),
  };
  worker.postMessage(task);
  return promise;
}

async function measureCaptured(path: string): Promise<BenchFigures> {
  const tap = { memory: createTapMemory(TAP_BYTES), snapLength: SNAP_LENGTH };
  await using _capture = await startCapture(tap, path);
  return await measure(tap);
}

const figures = await (capturePath === undefined ? measure(undefined) : measureCaptured(capturePath));
console.log(JSON.stringify({ ...figures, missed: missed() }));
