import type { AdapterOrder } from "../tun/adapter_order.ts";
import type { Host, HostOptions } from "../tun/host.ts";
import { cannot, deletedMeanwhile, HostError } from "../tun/host_error.ts";
import { AdapterServices } from "../tun/windows/adapter_services.ts";
import { removeLeftover } from "../tun/windows/devices.ts";
import { keepPrivileges, LOAD_DRIVER } from "../windows/privileges.ts";
import type { ServiceProcess } from "../windows/services/service_process.ts";
import type { System } from "../windows/system.ts";
import type { LogLine } from "../wintun/log_line.ts";
import { keepAdapter, type Kept } from "./keep.ts";
import { KeeperLog } from "./keeper_log.ts";
import { pause } from "../tun/pause.ts";
import { ReportWriter } from "./report.ts";

/** The time that the keeper of a persistent adapter repeats a creation that fails, as it may while Windows starts. */
const RETRY_MS = 15_000;
const RETRY_PAUSE_MS = 1_000;

/** The environment of a keeper. */
export interface KeeperEnvironment {
  readonly system: System;
  openHost(options: HostOptions): Promise<Host>;
  /** Returns milliseconds of a clock that never goes back. */
  now(): number;
}

/** The service that this process is. */
export type KeeperService = Pick<ServiceProcess, "running" | "stopRequested">;

/**
 * Runs the service that holds the adapter with that GUID: creates the adapter by the service's order, and holds it until the
 * service is asked to stop. The adapter, the log and the report are closed when this function returns or throws.
 *
 * A service that is not persistent marks itself for deletion first of all, so that nothing of it stays however it ends. One
 * that is to be persistent becomes so when it is ready, so that a creation that fails leaves nothing. One that was asked to
 * stop before it started creates nothing (`AdapterServices.requestStop`).
 *
 * @throws as `Host.create` and `Host.configure` do, and {HostError} `removed` when somebody else removes the adapter. The report
 * has the error then.
 */
export async function runKeeper(
  guid: string,
  service: KeeperService,
  environment: KeeperEnvironment,
): Promise<void> {
  const services = new AdapterServices(environment.system);
  const wasPersistent = services.isPersistent(guid);
  const order = readOrder(services, guid);
  const stays = wasPersistent || !(order instanceof HostError) && order.request.persistent === true;
  if (!stays) services.markForDeletion(guid);
  services.noteProgram(guid);
  using report = new ReportWriter(environment.system, guid);
  try {
    if (order instanceof HostError) throw order;
    if (services.isStopRequested(guid)) throw deletedMeanwhile(cannot("create", order.request.name));
    await new Keeper(order, wasPersistent, service, environment, report).run();
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    report.write({ type: "failed", error });
    throw error;
  } finally {
    // A request to stop is for this start only.
    if (services.isPersistent(guid)) services.forgetRequest(guid);
  }
}

/** Returns the order of the service of that GUID, or why it has none that it can follow. @throws {Win32Error} */
function readOrder(services: AdapterServices, guid: string): AdapterOrder | HostError {
  const operation = `Cannot create the adapter ${guid}`;
  try {
    return services.orders.read(guid) ?? new HostError("failed", operation, "its service has no order");
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return new HostError("failed", operation, `the order of its service is wrong: ${error.reason}`);
  }
}

/** One run of a keeper. */
class Keeper {
  readonly #order: AdapterOrder;
  readonly #wasPersistent: boolean;
  readonly #service: KeeperService;
  readonly #environment: KeeperEnvironment;
  readonly #report: ReportWriter;
  readonly #log: KeeperLog | undefined;
  #isReady = false;

  constructor(
    order: AdapterOrder,
    wasPersistent: boolean,
    service: KeeperService,
    environment: KeeperEnvironment,
    report: ReportWriter,
  ) {
    this.#order = order;
    this.#wasPersistent = wasPersistent;
    this.#service = service;
    this.#environment = environment;
    this.#report = report;
    this.#log = this.#openLog();
  }

  async run(): Promise<void> {
    try {
      this.#removeLeftover();
      await this.#hold();
      this.#log?.discard();
    } catch (error) {
      this.#log?.write("error", error instanceof Error ? error.message : String(error));
      // The command that waits for a new adapter reads the error in the report, and needs no log.
      if (this.#isReady || this.#wasPersistent) this.#log?.close();
      else this.#log?.discard();
      throw error;
    }
  }

  async #hold(): Promise<void> {
    const { dll, removeLegacy, request } = this.#order;
    await using host = await this.#environment.openHost({
      ...(dll === undefined ? {} : { dll }),
      removeLegacy,
      log: (line) => this.#note(line),
    });
    await this.#keepPatiently(host);
    // Somebody has stopped the service before it was ready. That is no failure of the service.
    if (!this.#isReady) {
      this.#report.write({ type: "failed", error: deletedMeanwhile(cannot("create", request.name)) });
    }
    this.#log?.write("info", "asked to let go");
  }

  /** While Windows starts, a creation may fail for a reason that passes. */
  async #keepPatiently(host: Host): Promise<void> {
    const { now } = this.#environment;
    const { stopRequested } = this.#service;
    const deadlineMs = now() + RETRY_MS;
    for (;;) {
      try {
        await keepAdapter(host, this.#order, (kept) => this.#ready(kept), stopRequested);
        return;
      } catch (error) {
        if (!this.#wasPersistent || this.#isReady || stopRequested.aborted || now() >= deadlineMs) {
          throw error;
        }
        this.#note({ level: "warning", message: error instanceof Error ? error.message : String(error) });
        await pause(RETRY_PAUSE_MS, stopRequested);
      }
    }
  }

  #ready({ info, configured }: Kept): void {
    const { guid, persistent } = this.#order.request;
    if (persistent && !this.#wasPersistent) {
      const services = new AdapterServices(this.#environment.system);
      // The user allowed it for this time, and not whenever Windows starts.
      services.orders.write({ ...this.#order, removeLegacy: false });
      services.makePersistent(guid);
    }
    this.#isReady = true;
    this.#giveUpPrivileges();
    this.#log?.write("info", `holding adapter "${info.name}" {${info.guid}}`);
    this.#service.running();
    this.#report.write({
      type: "ready",
      guid: info.guid,
      configured,
      ...(this.#log === undefined ? {} : { log: this.#log.path }),
    });
  }

  /** The service holds the adapter for a long time, and needs little for that: only to remove the device in the end. */
  #giveUpPrivileges(): void {
    try {
      keepPrivileges(this.#environment.system.libraries, LOAD_DRIVER);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.#note({ level: "warning", message: error.message });
    }
  }

  /** A hard end of Windows may leave a device, which would keep the adapter from being created. */
  #removeLeftover(): void {
    const { guid, name } = this.#order.request;
    if (!this.#wasPersistent || !removeLeftover(this.#environment.system, guid)) return;
    this.#note({ level: "info", message: `Removed the device that an earlier adapter "${name}" has left.` });
  }

  #note({ level, message }: LogLine): void {
    this.#log?.write(level, message);
    this.#report.write({ type: "log", level, message });
  }

  /** Opens the log. A keeper also works without one: whoever waits for the adapter then receives a warning. */
  #openLog(): KeeperLog | undefined {
    try {
      const { libraries } = this.#environment.system;
      return KeeperLog.open(libraries, this.#order.request.guid, { continues: this.#wasPersistent });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#report.write({ type: "log", level: "warning", message: `The keeper writes no log: ${reason}.` });
      return undefined;
    }
  }
}
