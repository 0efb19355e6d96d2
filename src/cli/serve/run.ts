import type { Adapter, AdapterInfo, Host } from "../../tun/host.ts";
import { adapterRemoved, HostError, sessionIsOpen } from "../../tun/host_error.ts";
import type { PeerEvent } from "../../tun/simulated/peer.ts";
import { addressesOfNoHost, formatCidr, networkOf } from "../../wire/cidr.ts";
import type { Context } from "../command.ts";
import { openChosenHost } from "../host.ts";
import { DEFAULT_TYPE, warnOfIgnored } from "../adapters/creation_options.ts";
import { EXIT } from "../process/exit_codes.ts";
import { InterruptedError, unlessInterrupted } from "../process/interrupts.ts";
import type { Output } from "../process/output.ts";
import { defaultRouteWarnings } from "./default_route.ts";
import { Ending } from "./ending.ts";
import { loneAddressWarnings } from "./lone_addresses.ts";
import type { ServePlan } from "./plan.ts";
import { Recording } from "./recording.ts";
import { createReport, type ServeReport, type ServeState } from "./report.ts";
import { ServeSessions } from "./sessions.ts";

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
    using adapter = await openAdapter(host, plan, output);
    throwIfInterrupted(interrupted);
    const info = await configureAdapter(host, adapter, plan, output);
    throwIfInterrupted(interrupted);

    interrupted.addEventListener("abort", () => ending.ask("signal"));
    const operation = `Cannot go on serving adapter "${info.name}"`;
    adapter.stopRequested.then(() => {
      ending.fail(new HostError("removed", operation, "it was deleted"), "removed");
    });
    adapter.removed.then(() => ending.fail(adapterRemoved(operation), "removed"));
    adapter.sessionStopRequested.then(() => ending.ask("stopped"));
    output.onResultsClosed(() => ending.ask("stdout-closed"));
    await serveSessions(context, adapter, info, plan, report, recording, ending);
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

async function openAdapter(host: Host, plan: ServePlan, output: Output): Promise<Adapter> {
  const { name, creation } = plan;
  const existing = await host.find(name);
  // What a killed program left, or one that lost its adapter still keeps: creating cleans it up.
  if (existing === undefined || existing.state === "stale" || existing.state === "lost") {
    const { type = DEFAULT_TYPE, guid } = creation;
    output.detail(`Creating adapter "${name}" of type "${type}".`);
    return await host.create({ name, type, ...(guid === undefined ? {} : { guid }) });
  }
  if (existing.state === "foreign") {
    throw new HostError(
      "exists",
      `Cannot serve "${name}"`,
      "a network adapter of another kind has this name",
      {
        hint: "Choose another name.",
      },
    );
  }
  // Before anything is changed: the settings of that program's adapter are its own.
  if (existing.state === "up") throw sessionIsOpen(existing.name);
  warnOfIgnored(creation, existing, output);
  return await host.open(existing.name);
}

/** Applies the settings, and returns what the adapter is then. */
async function configureAdapter(
  host: Host,
  adapter: Adapter,
  plan: ServePlan,
  output: Output,
): Promise<AdapterInfo> {
  const { warnings } = await host.configure(adapter.info.luid, plan.settings);
  const routeWarnings = plan.echo.udp ? defaultRouteWarnings(plan.settings.routes ?? []) : [];
  for (const warning of [...warnings, ...routeWarnings]) output.warning(warning);
  const info = await host.find(adapter.info.guid) ?? adapter.info;
  for (const warning of loneAddressWarnings(info.addresses)) output.warning(warning);
  if (info.addresses.length === 0) {
    output.warning(
      `Adapter "${info.name}" has no address, so Windows sends no packets to it. Give --address CIDR.`,
    );
  }
  return info;
}

async function serveSessions(
  context: Context,
  adapter: Adapter,
  info: AdapterInfo,
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
      report.ready(info, adapter.created);
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
