import type { Change } from "../../tun/changes.ts";
import type { Adapter, AdapterInfo, Host } from "../../tun/host.ts";
import { adapterRemoved, HostError, sessionIsOpen } from "../../tun/host_error.ts";
import { nameIsTaken, refuseOthers } from "../../tun/ownership.ts";
import type { PeerEvent } from "../../tun/simulated/peer.ts";
import { addressesOfNoHost, formatCidr, networkOf } from "../../wire/cidr.ts";
import type { Context } from "../command.ts";
import { openChosenHost } from "../host.ts";
import { DEFAULT_TYPE, warnOfIgnored } from "../adapters/creation_options.ts";
import { CreationWait } from "../adapters/creation_wait.ts";
import { warnOfRename } from "../adapters/renamed.ts";
import { EXIT } from "../process/exit_codes.ts";
import { InterruptedError, unlessInterrupted } from "../process/interrupts.ts";
import type { Output } from "../process/output.ts";
import { defaultRouteWarnings } from "./default_route.ts";
import { Ending } from "./ending.ts";
import { loneAddressWarnings } from "./lone_addresses.ts";
import type { ServePlan } from "./plan.ts";
import { Recording } from "./recording.ts";
import { createReport, type ServeReport } from "./report.ts";
import { ServeSessions } from "./sessions.ts";
import type { ServeState } from "./state.ts";

const INTERRUPTED = "Interrupted before the adapter was served.";

/** Does what the plan says, and returns the exit code. */
export async function runServe(context: Context, plan: ServePlan): Promise<number> {
  const { output, interrupted } = context;
  const ending = new Ending();
  const pings = { answered: 0 };
  const onPeer = (event: PeerEvent): void => {
    if (event.type === "answered") pings.answered++;
    else ending.fail(new HostError("failed", "The echo is wrong", event.reason));
  };
  const report = createReport(output, plan);
  // Before anything is written: a reader that stalls from the beginning holds up nothing either.
  output.startQueues((error) => ending.fail(error));
  // A named pipe opens when somebody reads it.
  const open = (): Promise<Recording> => Recording.open(context, plan, (packet) => report.packet(packet));
  await using recording = await unlessInterrupted(interrupted, open, new InterruptedError(INTERRUPTED));
  try {
    await using host = await openChosenHost(context, plan, { onPeer });
    host.requireElevation(`Cannot serve adapter "${plan.name}"`);
    throwIfInterrupted(interrupted);
    using adapter = await openAdapter(context, host, plan);
    throwIfInterrupted(interrupted);
    const prepared = await configureAdapter(host, adapter, plan, output);
    const { info } = prepared;
    throwIfInterrupted(interrupted);

    interrupted.addEventListener("abort", () => ending.ask("signal"));
    const operation = `Cannot go on serving adapter "${info.name}"`;
    adapter.stopRequested.then(() => {
      ending.fail(new HostError("removed", operation, "it was deleted"), "removed");
    });
    adapter.removed.then(() => ending.fail(adapterRemoved(operation), "removed"));
    adapter.sessionStopRequested.then(() => ending.ask("stopped"));
    output.onResultsClosed(() => ending.ask("stdout-closed"));
    await serveSessions(context, adapter, prepared, plan, report, recording, ending);
  } finally {
    // The adapter is gone by now, whether somebody reads or not.
    await flush(output);
  }
  if (ending.error !== undefined) throw ending.error;
  recording.check();
  if (plan.simulate) noteSimulatedEnd(pings.answered, plan, output);
  if (ending.reason === "stdout-closed") {
    output.note("The reader of the output closed it, so serving has ended.");
  }
  return EXIT.done;
}

async function flush(output: Output): Promise<void> {
  const isRead = await output.flushQueues();
  if (!isRead) output.warning("The reader of the output takes nothing, so the end of the output is missing.");
}

async function openAdapter(context: Context, host: Host, plan: ServePlan): Promise<Adapter> {
  const { name, creation, force } = plan;
  const operation = `Cannot serve adapter "${name}"`;
  const existing = await host.find(name);
  if (existing === undefined || existing.state === "stale" || existing.state === "lost") {
    return await createAdapter(context, host, plan, existing);
  }
  if (existing.state === "foreign" || existing.state === "legacy") throw nameIsTaken(operation, existing);
  // Before anything is changed: the settings of that program's adapter are its own.
  refuseOthers(operation, existing, { force });
  if (existing.state === "up") throw sessionIsOpen(existing.name);
  warnOfRename(name, existing, context.output);
  warnOfIgnored(creation, existing, context.output);
  return await host.open(existing.guid, { force });
}

/**
 * Creates the adapter for this run.
 * @param left What a killed process left, or one that lost its adapter still keeps. Creating cleans it up.
 */
async function createAdapter(
  context: Context,
  host: Host,
  { name, creation, settings }: ServePlan,
  left: AdapterInfo | undefined,
): Promise<Adapter> {
  const { type = DEFAULT_TYPE, guid } = creation;
  const end = left && endOf(left);
  // A mistyped name is to make no adapter.
  if (settings.addresses === undefined) {
    throw new HostError("not-found", `Cannot serve adapter "${name}"`, end ?? "there is no such adapter", {
      hint: "Make it with wintun create, or give --address to make it for this run.",
    });
  }
  if (end !== undefined) {
    context.output.warning(`Adapter "${name}" is made anew, for this run only: ${end}.`);
  }
  const request = { name, type, ...(guid === undefined ? {} : { guid }) };
  using _wait = new CreationWait(context, request, { isCreatedHere: true });
  return await host.create(request);
}

/** Why an adapter is no more, as part of a sentence. */
function endOf({ state, owner }: AdapterInfo): string {
  return state === "lost"
    ? `somebody has removed it, and process ${owner?.pid}, which held it, still runs`
    : `process ${owner?.pid}, which held it, has died`;
}

/** An adapter with the settings of the plan. */
interface Prepared {
  readonly info: AdapterInfo;
  /** What these changed of an adapter that was there before. */
  readonly changes: readonly Change[];
}

async function configureAdapter(
  host: Host,
  adapter: Adapter,
  { settings, echo, force }: ServePlan,
  output: Output,
): Promise<Prepared> {
  const { changes, warnings } = await host.configure(adapter.info.luid, settings, { force });
  const routeWarnings = echo.udp ? defaultRouteWarnings(settings.routes ?? []) : [];
  for (const warning of [...warnings, ...routeWarnings]) output.warning(warning);
  const info = await host.find(adapter.info.guid) ?? adapter.info;
  for (const warning of loneAddressWarnings(info.addresses)) output.warning(warning);
  if (info.addresses.length === 0) {
    output.warning(
      `Adapter "${info.name}" has no address, so Windows sends no packets to it. Give --address CIDR.`,
    );
  }
  return { info, changes: adapter.created ? [] : changes };
}

async function serveSessions(
  context: Context,
  adapter: Adapter,
  { info, changes }: Prepared,
  plan: ServePlan,
  report: ServeReport,
  recording: Recording,
  ending: Ending,
): Promise<void> {
  const { output } = context;
  const sessions = new ServeSessions(context, adapter, plan, noHostsOf(info), recording.taps, ending);
  const state = (): ServeState => {
    const { totals, seconds } = sessions;
    const { tapMissed, log, capture } = recording;
    return { totals, seconds, tapMissed, log, capture };
  };
  const start = state();
  ending.onAsked(() => recording.limitStalls());
  let stopTimers = (): void => {};
  let isReady = false;
  try {
    await recording.begin(info);
    await sessions.run(() => {
      isReady = true;
      report.ready(info, adapter.created, changes);
      if (plan.simulate) output.note(describeSimulation(plan));
      recording.start((error) => ending.fail(error));
      stopTimers = startTimers(plan, start, state, report, output, ending);
    });
  } catch (error) {
    // After an interrupt, what did not begin was given up.
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
}

/** Whether the user has asked for the end, here or by `wintun stop`. */
function isCalledOff({ reason }: Ending): boolean {
  return reason === "signal" || reason === "stopped";
}

/** Starts the statistics and the limit of time; the returned function stops them. */
function startTimers(
  plan: ServePlan,
  start: ServeState,
  state: () => ServeState,
  report: ServeReport,
  output: Output,
  ending: Ending,
): () => void {
  const { statsMs, durationMs } = plan;
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
  return () => {
    clearInterval(statsTimer);
    clearTimeout(durationTimer);
  };
}

/** The addresses of the adapter's subnets that belong to no host. */
function noHostsOf(info: AdapterInfo): Uint8Array[] {
  return info.addresses.flatMap(addressesOfNoHost).map(({ bytes }) => bytes);
}

function describeSimulation(plan: ServePlan): string {
  const subnets = new Set((plan.settings.addresses ?? []).map((cidr) => formatCidr(networkOf(cidr))));
  return `Nothing here is real: a simulated machine pings the addresses of ${
    [...subnets].join(" and ")
  }, one a second.`;
}

function noteSimulatedEnd(answered: number, plan: ServePlan, output: Output): void {
  if (answered > 0) {
    const pings = answered === 1 ? "1 ping was" : `${answered} pings were`;
    output.note(
      `${output.paintNote("green")(`${pings} answered`)}, and every byte of the replies was right.`,
    );
  } else if (plan.echo.icmp) {
    output.note("No ping was answered.");
  }
}

function throwIfInterrupted(interrupted: AbortSignal): void {
  if (interrupted.aborted) throw new InterruptedError(INTERRUPTED);
}
