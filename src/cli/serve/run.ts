import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { Adapter } from "../../tun/host.ts";
import { cannot, HostError } from "../../tun/host_error.ts";
import type { Context } from "../command.ts";
import { openChosenHost } from "../host.ts";
import { EXIT } from "../process/exit_codes.ts";
import { InterruptedError, unlessInterrupted } from "../process/interrupts.ts";
import type { Output } from "../process/output.ts";
import { configureAdapter, findServable, openAdapter, type Prepared } from "./adapter.ts";
import { refuseTerminal } from "./capture_file.ts";
import { Ending } from "./ending.ts";
import { placeNetwork } from "./network/placement.ts";
import { NetworkPlay } from "./network/play.ts";
import type { ServePlan } from "./plan.ts";
import { Recording } from "./recording.ts";
import { createReport, type ServeReport } from "./report.ts";
import { ServeSessions } from "./sessions.ts";
import { describeSimulation, Simulation } from "./simulation.ts";
import type { ServeState } from "./state.ts";

/** After this time, and the delay of the network, a warning explains why nothing may answer its pings. */
const SILENCE_MS = 5000;

const INTERRUPTED = "Interrupted before the adapter was served.";

/**
 * Serves as the plan says, and returns the exit code.
 * @throws {InterruptedError} if the user ends it before the adapter is served.
 * @throws {HostError} if the adapter cannot be served, or if an error ends the serving or the capture.
 */
export async function runServe(context: Context, plan: ServePlan): Promise<number> {
  const { environment, output, interrupted } = context;
  if (plan.capture !== undefined) refuseTerminal(plan.capture, environment.stdout);
  const ending = new Ending();
  const simulation = new Simulation(plan, (reason) => {
    ending.fail(new HostError("failed", "The echo is wrong", reason));
  });
  const report = createReport(output, plan);
  // This comes before the first write, so that a reader that stalls from the beginning does not block either.
  output.startQueues((error) => ending.fail(error));
  let recording: Recording;
  try {
    await using host = await openChosenHost(context, plan, simulation.options);
    host.requireElevation(cannot("serve", plan.name));
    // This comes before the capture is opened, which overwrites the file.
    const existing = await findServable(host, plan);
    const network = planNetwork(plan, existing, report, output);
    // Opening a named pipe blocks until somebody reads it.
    const open = (): Promise<Recording> => Recording.open(context, plan, (packet) => report.packet(packet));
    await using opened = await unlessInterrupted(interrupted, open, new InterruptedError(INTERRUPTED));
    recording = opened;
    throwIfInterrupted(interrupted);
    using adapter = await openAdapter(context, host, plan);
    throwIfInterrupted(interrupted);
    const prepared = await configureAdapter(host, adapter, plan, output);
    const { info } = prepared;
    throwIfInterrupted(interrupted);

    interrupted.addEventListener("abort", () => ending.ask("signal"));
    ending.askWith(adapter, info.name);
    output.onResultsClosed(() => ending.ask("stdout-closed"));
    await serveSessions(context, adapter, prepared, { plan, report, recording, network, ending });
  } finally {
    // The adapter is closed before this wait: a reader that stalls must not delay that.
    await flush(output);
  }
  if (ending.error !== undefined) throw ending.error;
  recording.check();
  if (plan.simulate !== undefined) simulation.noteEnd(output);
  if (ending.reason === "stdout-closed") {
    output.note("The reader of the output closed it, so serving has ended.");
  }
  return EXIT.done;
}

async function flush(output: Output): Promise<void> {
  const isRead = await output.flushQueues();
  if (!isRead) output.warning("The reader of the output takes nothing, so the end of the output is missing.");
}

/** The parts of one run. */
interface Parts {
  readonly plan: ServePlan;
  readonly report: ServeReport;
  readonly recording: Recording;
  /** `undefined` with plain echo. */
  readonly network: NetworkPlay | undefined;
  readonly ending: Ending;
}

async function serveSessions(
  context: Context,
  adapter: Adapter,
  { info: adapterInfo, ...prepared }: Prepared,
  parts: Parts,
): Promise<void> {
  const { output } = context;
  const { plan, report, recording, network, ending } = parts;
  const sessions = new ServeSessions(
    context,
    adapter,
    adapterInfo,
    plan,
    recording.taps,
    network,
    ending,
  );
  const state = (): ServeState => {
    const { totals, seconds } = sessions;
    const { tapMissed, log, capture } = recording;
    return { totals, seconds, tapMissed, log, capture, network: network?.state };
  };
  const start = state();
  ending.onAsked(() => recording.limitStalls());
  let stopTimers = (): void => {};
  let isReady = false;
  try {
    await recording.begin(adapterInfo);
    await sessions.run(() => {
      isReady = true;
      report.ready({
        ...prepared,
        adapter: adapterInfo,
        created: adapter.created,
        network: network?.plan,
      });
      if (plan.simulate !== undefined) output.note(describeSimulation(plan, adapterInfo.addresses));
      recording.start((error) => ending.fail(error));
      stopTimers = startTimers(parts, start, state, output);
    });
  } catch (error) {
    // If the user ended it before it was ready, `InterruptedError` below is the better error.
    if (isReady || !isCalledOff(ending)) ending.fail(error);
  } finally {
    stopTimers();
    await recording.end();
  }
  if (!isReady) {
    if (isCalledOff(ending)) throw new InterruptedError(INTERRUPTED);
    return;
  }
  report.stopped(ending.reason ?? "error", state());
  network?.warnOfSilence(output);
}

/**
 * Returns the network of the plan, as it is behind the adapter, or `undefined` for plain echo.
 * @param existing The adapter, if it exists already.
 * @throws {UsageError} if the adapter's networks have no room for it.
 */
function planNetwork(
  { network, settings }: ServePlan,
  existing: AdapterInfo | undefined,
  report: ServeReport,
  output: Output,
): NetworkPlay | undefined {
  if (network === undefined) return undefined;
  const { addresses = existing?.addresses ?? [], routes = existing?.details?.routes ?? [] } = settings;
  const placed = placeNetwork(network, { addresses, routes });
  return new NetworkPlay(placed, (reply) => {
    if (!output.isBehind) report.ping(placed.ping!, reply);
  });
}

/** Returns whether the user has asked for the end, with an interrupt or with `wintun stop`. */
function isCalledOff({ reason }: Ending): boolean {
  return reason === "signal" || reason === "stopped";
}

/** Starts the timers of `--stats`, `--duration` and `--ping`. The returned function stops them. */
function startTimers(
  { plan: { statsMs, durationMs }, report, network, ending }: Parts,
  start: ServeState,
  state: () => ServeState,
  output: Output,
): () => void {
  let previous = start;
  const writeStats = (): void => {
    try {
      const current = state();
      if (output.isBehind) return;
      report.stats(current, previous);
      previous = current;
    } catch (error) {
      ending.fail(error);
    }
  };
  const statsTimer = statsMs === undefined ? undefined : setInterval(writeStats, statsMs);
  const durationTimer = durationMs === undefined
    ? undefined
    : setTimeout(() => ending.ask("duration"), durationMs);
  const silenceTimer = network?.plan.ping === undefined
    ? undefined
    : setTimeout(() => network.warnOfSilence(output), network.longestDelayMs + SILENCE_MS);
  return () => {
    clearInterval(statsTimer);
    clearTimeout(durationTimer);
    clearTimeout(silenceTimer);
  };
}

function throwIfInterrupted(interrupted: AbortSignal): void {
  if (interrupted.aborted) throw new InterruptedError(INTERRUPTED);
}
