// deno-lint-ignore-file no-console
/**
 * Measures the program's echo loop once, with counters, on a worker as in `serve`, and prints the figures as JSON:
 * deno run -A ours.ts LIBRARIES PLAN [CAPTURE [LOG]]. LIBRARIES and PLAN are a BenchLibraries and an OurPlan as JSON,
 * CAPTURE is a file to capture all packets into, as with --pcap, and LOG a file for their lines, as with --log-packets.
 * With CAPTURE, the output has also `missed`, the packets that the capture lacks, and `logged`, the lines of the log.
 * Without PLAN, the loop serves until the process is ended, for a library that measures by itself, inline
 * (peers/measuring.c).
 */
import { Output } from "../../src/cli/process/output.ts";
import { processEnvironment, type Stream } from "../../src/cli/process/environment.ts";
import type { ServePlan } from "../../src/cli/serve/plan.ts";
import { Recording } from "../../src/cli/serve/recording.ts";
import { createReport } from "../../src/cli/serve/report.ts";
import { createCounters } from "../../src/echo/counters.ts";
import type { Tap, TappedPacket } from "../../src/echo/capture/tap.ts";
import type { BenchFigures } from "../emulator/control.ts";
import type { OurPlan } from "./measure.ts";
import type { BenchLibraries, Task } from "./ours_worker.ts";

const [librariesText, planText, capturePath, logPath] = Deno.args;
const libraries: BenchLibraries = JSON.parse(librariesText);
const plan: OurPlan | undefined = planText === undefined ? undefined : JSON.parse(planText);

function measure(taps: readonly Tap[]): Promise<BenchFigures> {
  const worker = new Worker(new URL("./ours_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<BenchFigures>();
  worker.onmessage = ({ data }) => {
    worker.terminate();
    resolve(data);
  };
  worker.onerror = (event) => reject(new Error(event.message));
  const task: Task = {
    libraries,
    ...(plan === undefined ? {} : { plan }),
    counters: createCounters(),
    taps,
    ...(plan?.network === undefined ? {} : { network: plan.network }),
    // Inline, no packet can come while the loop spins, and the time of spinning would be counted as its work.
    ...(plan === undefined || plan.mode === "inline" ? { spinTries: 0 } : {}),
  };
  worker.postMessage(task);
  return promise;
}

/** Returns a stream that writes to a file, in the place of stdout. */
function streamTo(file: Deno.FsFile): Stream {
  const encoder = new TextEncoder();
  return {
    isTerminal: false,
    write: () => {
      throw new Error("the log is written by its queue");
    },
    writeLater: async (text) => {
      let rest = encoder.encode(text);
      while (rest.length > 0) rest = rest.subarray(await file.write(rest));
    },
    writeBytes: (bytes) => file.write(bytes),
    columns: () => 80,
    rows: () => 24,
  };
}

/** Measures with a capture and a log as `serve` has them. Missed packets are counted and not reported. */
async function measureRecorded(capturePath: string, logPath: string | undefined): Promise<unknown> {
  using log = await Deno.open(logPath ?? "/dev/null", { write: true, create: true, truncate: true });
  const fail = (error: unknown): never => {
    throw error;
  };
  const environment = { ...processEnvironment(), stdout: streamTo(log) };
  const output = new Output(environment.stdout, environment.stderr, {
    json: true,
    quiet: true,
    verbose: false,
  });
  const servePlan: ServePlan = {
    name: "bench",
    creation: {},
    settings: {},
    ringBytes: 0,
    echo: { icmp: true, udp: true },
    logPackets: logPath !== undefined,
    capture: { path: capturePath, snapLength: 65_535 },
    force: false,
    removeLegacy: false,
  };
  const report = createReport(output, servePlan);
  const addLine = (packet: TappedPacket): void => report.packet(packet);
  await using recording = await Recording.open({ environment, output }, servePlan, addLine);
  output.startQueues(fail);
  await recording.begin({ name: "bench", type: "Wintun" });
  recording.start(fail);
  const figures = await measure(recording.taps);
  await recording.end();
  recording.check();
  await output.flushQueues();
  return { ...figures, missed: recording.capture?.missed, logged: recording.log?.written ?? 0 };
}

const figures = capturePath === undefined ? await measure([]) : await measureRecorded(capturePath, logPath);
console.log(JSON.stringify(figures));
