import type { AdapterInfo } from "../tun/adapter_info.ts";
import type { AdapterOrder } from "../tun/adapter_order.ts";
import { becomesTrue } from "../tun/becomes_true.ts";
import { cannot, deletedMeanwhile, HostError } from "../tun/host_error.ts";
import { serviceName } from "../tun/service_name.ts";
import { Holders } from "../tun/windows/holders.ts";
import { withDetails } from "../tun/windows/details.ts";
import { findWithOwner } from "../tun/windows/inventory.ts";
import { StopRequests } from "../tun/windows/stop_requests.ts";
import { endLost } from "../tun/windows/stopping.ts";
import { MutexTimeoutError } from "../windows/named_objects.ts";
import type { ProcessIdentity } from "../windows/process.ts";
import type { Service } from "../windows/services/service.ts";
import type { ServiceConflict } from "../windows/services/service_manager.ts";
import type { System } from "../windows/system.ts";
import type { LogLine } from "../wintun/log_line.ts";
import type { Kept } from "./keep.ts";
import { ownCommandLine } from "./own_command_line.ts";
import { Patience } from "./patience.ts";
import { forgetReport, type KeeperMessage, ReportReader } from "./report.ts";
import { isNameShared, takenByRival } from "./rivals.ts";
import { endedSilently, Starting } from "./starting.ts";

const POLL_MS = 10;
/** The time that a keeper may take to end that is not wanted any more. Windows may be creating its adapter, which takes a minute. */
const STOP_WAIT_MS = 120_000;
/** A service that is about to be deleted exists until its process has ended and all programs have closed their handles of it. */
const DELETION_WAIT_MS = 10_000;
const DELETION_POLL_MS = 100;

/** How long to wait for a keeper, and where its log lines go. */
export interface LaunchOptions {
  /** Milliseconds that the keeper may take to be ready. */
  readonly timeoutMs: number;
  /**
   * Aborted when the user no longer wants the adapter. Once the keeper is ready, the signal has no effect. Before that the keeper
   * is stopped; Windows may take some time to end what it is doing.
   */
  readonly interrupted?: AbortSignal;
  /** Whether the adapter is wanted with its `details`, which take time to read. Default: no. */
  readonly details?: boolean;
  /** Receives the log lines of the keeper's host until the keeper is ready. */
  readonly log: (line: LogLine) => void;
}

/** An adapter whose keeper is ready. */
export interface Launched extends Kept {
  /** Path of the keeper's log; absent if it could not create one. */
  readonly log?: string;
}

/**
 * Creates a service that makes the adapter and holds it, starts it, and waits until the adapter is ready. The service outlives
 * this process and its session.
 *
 * @param program The command line of the service's program.
 * @throws the error that the keeper reported; {HostError} `exists` when another process was faster, `timeout`, and `failed` when
 * the keeper ended without a report or `options.interrupted` was aborted. In each case the keeper has ended, its adapter is gone,
 * and the service is deleted.
 */
export async function launchKeeper(
  system: System,
  order: AdapterOrder,
  options: LaunchOptions,
  program: string = ownCommandLine(order.request.guid),
): Promise<Launched> {
  return await new Launch(system, order.request, options).create(order, program);
}

/**
 * Waits until the keeper of an adapter is ready that is `starting` or `stopped`. Starts it before if it is stopped.
 *
 * @throws as `launchKeeper`; a keeper that this process has not started goes on after a timeout and an interrupt. The service
 * stays.
 */
export async function resumeKeeper(
  system: System,
  info: AdapterInfo,
  options: LaunchOptions,
): Promise<Launched> {
  return await new Launch(system, info, options).resume();
}

class Launch {
  readonly #system: System;
  readonly #holders: Holders;
  readonly #adapter: { readonly name: string; readonly guid: string };
  readonly #options: LaunchOptions;
  readonly #operation: string;
  readonly #patience: Patience;
  readonly #starting: Starting;

  constructor(
    system: System,
    { name, guid }: { readonly name: string; readonly guid: string },
    options: LaunchOptions,
  ) {
    this.#system = system;
    this.#holders = new Holders(system);
    this.#adapter = { name, guid };
    this.#options = options;
    this.#operation = cannot("create", name);
    this.#patience = new Patience(this.#operation, options);
    const { services } = this.#holders;
    this.#starting = new Starting(system.libraries, services, guid, this.#operation, this.#patience);
  }

  async create(order: AdapterOrder, program: string): Promise<Launched> {
    this.#patience.throwIfCalledOff();
    const { services } = this.#holders;
    await endLost(this.#system, this.#holders, this.#adapter, this.#operation, now);
    using service = await this.#createStarted(order, program);
    try {
      return await this.#watch(service, { mayStop: true });
    } catch (error) {
      // A keeper that is not persistent marks its service itself, unless it ended before that.
      services.markForDeletion(this.#adapter.guid);
      throw error;
    }
  }

  async resume(): Promise<Launched> {
    this.#patience.throwIfCalledOff();
    const { services } = this.#holders;
    const isSettled = (): boolean => services.find(this.#adapter.guid)?.state !== "stopping";
    await becomesTrue(isSettled, this.#patience.deadlineMs, now);
    const started = await this.#alone(async () => {
      const found = services.find(this.#adapter.guid);
      if (found === undefined) throw deletedMeanwhile(this.#operation);
      // Another process may have started it. Its report must stay then.
      if (found.state !== "stopped") return false;
      services.forgetRequest(this.#adapter.guid);
      forgetReport(this.#system, this.#adapter.guid);
      await this.#starting.start();
      return true;
    });
    using service = services.open(this.#adapter.guid, "status");
    if (service === undefined) throw deletedMeanwhile(this.#operation);
    return await this.#watch(service, { mayStop: started });
  }

  /** Creates the service and starts it. Waits for one of the same name that is about to be deleted. */
  async #createStarted(order: AdapterOrder, program: string): Promise<Service> {
    const { services } = this.#holders;
    const waitUntilMs = now() + DELETION_WAIT_MS;
    for (;;) {
      // Other processes remove a service that is neither persistent nor running, so it is started before they can see it.
      const created = await this.#alone(() => this.#createAndStart(order, program));
      if (typeof created !== "string") return created;
      // Every service that runs and is not persistent is about to be deleted.
      const state = services.find(this.#adapter.guid)?.state;
      const isBeingDeleted = created === "being deleted" && (state === undefined || state === "stopping");
      if (!isBeingDeleted) {
        throw takenByRival(this.#system, this.#holders, this.#adapter, this.#operation);
      }
      if (now() >= waitUntilMs) {
        const name = serviceName(this.#adapter.guid);
        const reason = `the service ${name} of an earlier adapter is about to be deleted, and still exists`;
        throw new HostError("exists", this.#operation, reason, {
          hint: "Close the window Services, and end the process of that service.",
        });
      }
      await new Promise((wake) => setTimeout(wake, DELETION_POLL_MS));
    }
  }

  async #createAndStart(order: AdapterOrder, program: string): Promise<Service | ServiceConflict> {
    const { services } = this.#holders;
    // Other processes may have taken long.
    this.#patience.throwIfCalledOff();
    services.removeRubbish();
    let created = services.create(order, program);
    if (created === "display name taken" && isNameShared(this.#system, this.#holders, this.#adapter)) {
      created = services.create(order, program, true);
    }
    if (typeof created === "string") return created;
    try {
      await this.#starting.start();
      return created;
    } catch (error) {
      created.markForDeletion();
      created.close();
      throw error;
    }
  }

  /**
   * Reads the keeper's report until the keeper is ready or has ended.
   * @param service Opened with the right `status`.
   * @param mayStop Whether the keeper is stopped after a timeout or an interrupt.
   */
  async #watch(service: Service, { mayStop }: { readonly mayStop: boolean }): Promise<Launched> {
    const reader = new ReportReader(this.#system, this.#adapter.guid);
    const requests = new StopRequests(this.#holders.services, this.#adapter.guid, now);
    let process: ProcessIdentity | undefined;
    let ready: Extract<KeeperMessage, { readonly type: "ready" }> | undefined;
    let failure: Error | undefined;
    let calledOff = this.#starting.endedEarly;
    let giveUpAtMs = now() + STOP_WAIT_MS;
    for (;;) {
      const does = process === undefined ? "unknown" : this.#system.processes.state(process);
      // The Service Control Manager takes much longer to answer, so it is asked only if the process does not run, or is not known.
      const status = does === "running" ? undefined : service.status();
      if (process === undefined && status?.pid) process = this.#system.processes.identify(status.pid);
      const hasEnded = !this.#starting.isUnderWay && (does === "ended" || status?.state === "stopped");
      // The end is looked for first, so that everything is read that the keeper has reported before it.
      for (const message of reader.next()) {
        if (message.type === "log") this.#options.log(message);
        else if (message.type === "ready") ready = message;
        else failure = message.error;
      }
      if (hasEnded) {
        const silent = ready === undefined
          ? endedSilently(this.#operation, status?.win32ExitCode ?? 0)
          : deletedMeanwhile(this.#operation);
        throw calledOff ?? failure ?? silent;
      }
      if (calledOff === undefined) {
        if (ready !== undefined && service.status().state === "running") return await this.#launched(ready);
        calledOff = this.#patience.callOff();
        giveUpAtMs = now() + STOP_WAIT_MS;
      }
      if (calledOff !== undefined) {
        if (!mayStop || now() >= giveUpAtMs) throw calledOff;
        requests.repeat();
      }
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }

  async #launched(
    { guid, configured, log }: Extract<KeeperMessage, { readonly type: "ready" }>,
  ): Promise<Launched> {
    const info = findWithOwner(this.#system, this.#holders, guid, false);
    if (info === undefined) throw deletedMeanwhile(this.#operation);
    const [described] = this.#options.details
      ? await withDetails([info], this.#system, { categories: true })
      : [info];
    return { info: described, configured, ...(log === undefined ? {} : { log }) };
  }

  async #alone<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await this.#holders.services.exclusively(body);
    } catch (error) {
      if (!(error instanceof MutexTimeoutError)) throw error;
      throw new HostError("timeout", this.#operation, "other processes were starting services all the time", {
        hint: "Try again later.",
        cause: error,
      });
    }
  }
}

const now = (): number => performance.now();
