// deno-lint-ignore-file require-await -- errors of all methods must be rejections
import type { DriverVersion } from "../../wintun/library.ts";
import { type Cidr, containsAddress } from "../../wire/cidr.ts";
import { ERROR_INF_IN_USE_BY_DEVICES, Win32Error } from "../../windows/win32_error.ts";
import type { PingOutcome, PingSeries } from "../../windows/network/ping_series.ts";
import type { AdapterInfo, SessionOwner } from "../adapter_info.ts";
import { ChangeNotice } from "../change_notice.ts";
import type { Finding } from "../findings.ts";
import type {
  Adapter,
  AdapterRequest,
  Configured,
  ConfigureOptions,
  CreatePlan,
  Host,
  Permission,
} from "../host.ts";
import {
  cannot,
  deletedMeanwhile,
  driverIsInUse,
  HostError,
  noSuchAdapter,
  notReadyInTime,
} from "../host_error.ts";
import { findNamed, refuseOthers } from "../ownership.ts";
import { type Settings } from "../settings/settings.ts";
import { MachineAccess } from "./access.ts";
import { SimulatedAdapter } from "./adapter.ts";
import { asAsked, DRIVER_VERSION, infoOf, listed, luidOf } from "./adapter_info.ts";
import { configureAdapter, refuseTakenAddresses } from "./configuring.ts";
import { Creation } from "./creation.ts";
import { examineMachine } from "./examination.ts";
import {
  byGuid,
  findInterface,
  findWaiting,
  hasInterface,
  isWintun,
  type Machine,
  type MachineAdapter,
  removeAdapter,
} from "./machine.ts";
import { removeLeftRules } from "./dns_rules.ts";
import { loadLibrary, type LoadOptions } from "./library.ts";
import { MemoryMachine } from "./memory.ts";
import { pingFromPeer } from "./pings.ts";
import { newService, startService } from "./services.ts";
import type { Pings } from "./session.ts";
import { stopOwner, stopSession } from "./stopping.ts";
import type { MachineStorage } from "./storage.ts";

/** Options of a simulated machine. */
export interface SimulatedHostOptions extends Pings, LoadOptions {
  /** Keeps the machine. The host closes it. Default: a new machine in memory. */
  readonly storage?: MachineStorage;
  /** Milliseconds of a clock that never goes back; deadlines are times of it. Default: `performance.now`. */
  readonly now?: () => number;
}

/** The adapter that a simulated service is to hold. */
export interface SimulatedOrder {
  readonly request: AdapterRequest;
  readonly settings: Settings;
}

/** How long to wait for a simulated service. */
export interface SimulatedWait {
  readonly timeoutMs: number;
  readonly interrupted?: AbortSignal;
}

/** A machine with Wintun adapters that is simulated. It works on any operating system, without a driver and without privileges. */
export class SimulatedHost implements Host {
  readonly storage: MachineStorage;
  readonly #options: SimulatedHostOptions;
  readonly #held = new Set<SimulatedAdapter>();
  readonly #access: MachineAccess;
  readonly #creation: Creation;

  constructor(options: SimulatedHostOptions = {}) {
    this.storage = options.storage ?? new MemoryMachine().open();
    this.#options = options;
    this.#access = new MachineAccess(this.storage, options.now ?? ((): number => performance.now()));
    this.#creation = new Creation(this.#access, options);
  }

  async list({ all = false, details = true, categories = false } = {}): Promise<AdapterInfo[]> {
    return listed(this.storage.read(), all).map((info) => asAsked(info, details, categories));
  }

  async find(nameOrGuid: string, { all = false, details = true } = {}): Promise<AdapterInfo | undefined> {
    const machine = this.storage.read();
    const found = findInterface(machine, nameOrGuid);
    const info = found === undefined ? findNamed(listed(machine, all), nameOrGuid) : infoOf(found);
    return info && asAsked(info, details, true);
  }

  async *changes(signal: AbortSignal): AsyncGenerator<void, void, void> {
    const notice = new ChangeNotice();
    const unwatch = this.storage.watch(() => notice.notify());
    try {
      yield* notice.follow(signal);
    } finally {
      unwatch();
    }
  }

  async check(request: AdapterRequest, settings: Settings = {}): Promise<CreatePlan> {
    return await this.#creation.check(request, settings);
  }

  async create(request: AdapterRequest): Promise<Adapter> {
    const { role = "command" } = request;
    const process = this.storage.register();
    const made = await this.#creation.create(
      request,
      {},
      () => ({ kind: "process", role, pid: Deno.pid, process, isAsked: false }),
    );
    const held = this.#hold(made.adapter, true);
    // A command that creates an adapter will serve it.
    if (role === "command") held.announceSession();
    return held;
  }

  /**
   * Lets a simulated service hold a new adapter with these settings. It goes on after this process.
   * @throws {HostError} as `create` and `configure` do.
   */
  async startKeeper(
    { request, settings }: SimulatedOrder,
  ): Promise<{ readonly info: AdapterInfo; readonly configured: Configured }> {
    const { persistent = false } = request;
    const { adapter, configured } = await this.#creation.create(
      request,
      settings,
      (machine) => newService(machine, persistent),
    );
    return { info: infoOf(adapter), configured };
  }

  /**
   * Starts the service of an adapter that is `stopped`, or waits until one that is `starting` is ready.
   * @throws {HostError} `timeout`; `removed` if the adapter was deleted meanwhile; `failed` if another interface has got one of its
   * addresses, and if `interrupted` is aborted.
   */
  async resumeKeeper(
    { name, guid }: AdapterInfo,
    { timeoutMs, interrupted }: SimulatedWait,
  ): Promise<{ readonly info: AdapterInfo; readonly configured: Configured }> {
    const operation = cannot("create", name);
    this.storage.update((machine) => {
      const stopped = findWaiting(machine, { name, guid }, "stopped");
      if (stopped?.holding.kind !== "service") return;
      refuseTakenAddresses(machine, undefined, stopped.settings.addresses, cannot("configure", name));
      removeLeftRules(machine);
      startService(machine, stopped, stopped.holding);
    });
    const isSettled = (machine: Machine): boolean => {
      const holding = byGuid(machine, guid)?.holding;
      return interrupted?.aborted || holding?.kind !== "service" || holding.state !== "starting";
    };
    if (!await this.#access.happens(isSettled, timeoutMs)) throw notReadyInTime(operation, timeoutMs);
    if (interrupted?.aborted) throw new HostError("failed", operation, "interrupted");
    const adapter = byGuid(this.storage.read(), guid);
    if (adapter === undefined) throw deletedMeanwhile(operation);
    return { info: infoOf(adapter), configured: { changed: false, changes: [], warnings: [] } };
  }

  async open(nameOrGuid: string, permission: Permission = {}): Promise<Adapter> {
    const operation = cannot("open", nameOrGuid);
    const adapter = this.#access.change(operation, (machine) => {
      loadLibrary(machine, operation, this.#options);
      const named = findNamed(listed(machine, false), nameOrGuid);
      const found = named && byGuid(machine, named.guid);
      if (found === undefined || !hasInterface(found)) throw noSuchAdapter(operation);
      refuseOthers(operation, infoOf(found), permission);
      return found;
    });
    return this.#hold(adapter, false);
  }

  async configure(
    luid: bigint,
    settings: Settings,
    options: Permission & ConfigureOptions = {},
  ): Promise<Configured> {
    const isMeant = (adapter: MachineAdapter): boolean => hasInterface(adapter) && luidOf(adapter) === luid;
    const name = this.storage.read().adapters.find(isMeant)?.name ?? `with LUID ${luid}`;
    const operation = cannot("configure", name);
    return this.#access.change(operation, (machine) => {
      const adapter = machine.adapters.find(isMeant);
      if (adapter === undefined) throw noSuchAdapter(operation);
      refuseOthers(operation, infoOf(adapter), options);
      return configureAdapter(machine, adapter, settings, operation, options);
    });
  }

  async reorder(
    { name, guid }: AdapterInfo,
    settings: Settings,
    options: ConfigureOptions = {},
  ): Promise<Configured> {
    const operation = cannot("configure", name);
    return this.#access.change(operation, (machine) => {
      const stopped = findWaiting(machine, { name, guid }, "stopped");
      if (stopped === undefined) throw noSuchAdapter(operation);
      return configureAdapter(machine, stopped, settings, operation, options);
    });
  }

  async stop(info: AdapterInfo, timeoutMs: number): Promise<void> {
    await stopOwner(this.#access, info, timeoutMs);
  }

  async stopSession(info: AdapterInfo, timeoutMs: number): Promise<SessionOwner | undefined> {
    return await stopSession(this.#access, info, timeoutMs);
  }

  async remove({ name, guid }: AdapterInfo, permission: Permission = {}): Promise<void> {
    const operation = cannot("delete", name);
    this.#access.change(operation, (machine) => {
      const adapter = byGuid(machine, guid);
      if (adapter === undefined) throw noSuchAdapter(operation);
      refuseOthers(operation, infoOf(adapter), permission);
      removeAdapter(machine, adapter);
      removeLeftRules(machine);
    });
  }

  requireElevation(operation: string): void {
    this.#access.requireElevation(operation);
  }

  async driverVersion(): Promise<DriverVersion | undefined> {
    return this.storage.update((machine) => {
      loadLibrary(machine, "Cannot read the driver's version", this.#options);
      return machine.adapters.some(isWintun) ? DRIVER_VERSION : undefined;
    });
  }

  async removeDriver(): Promise<boolean> {
    const operation = "Cannot remove the Wintun driver";
    return this.#access.change(operation, (machine) => {
      loadLibrary(machine, operation, this.#options);
      if (machine.adapters.some(isWintun)) {
        throw driverIsInUse(operation, new Win32Error(ERROR_INF_IN_USE_BY_DEVICES, operation));
      }
      return false;
    });
  }

  async usedNetworks(): Promise<Cidr[]> {
    const settings = this.storage.read().adapters.filter(hasInterface).map((adapter) => adapter.settings);
    return settings.flatMap(({ addresses, routes }) => [...addresses, ...routes]);
  }

  /** Only what this process serves answers: a session is in the memory of its process. */
  async ping(series: PingSeries, stop: AbortSignal): Promise<PingOutcome> {
    const behind = this.storage.read().adapters.find(({ settings: { addresses, routes } }) =>
      [...addresses, ...routes].some((network) => containsAddress(network, series.target))
    );
    const held = [...this.#held].find((adapter) =>
      adapter.info.guid === behind?.guid && adapter.peer !== undefined
    );
    return await pingFromPeer(held?.peer, series, stop);
  }

  async remains({ guid }: AdapterInfo): Promise<string[]> {
    return byGuid(this.storage.read(), guid) === undefined ? [] : ["the adapter"];
  }

  async examine(): Promise<Finding[]> {
    return examineMachine(this.storage.read(), this.storage.place);
  }

  close(): Promise<void> {
    for (const adapter of [...this.#held]) adapter.close();
    this.storage.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #hold(adapter: MachineAdapter, created: boolean): SimulatedAdapter {
    const onClose = (): void => {
      this.#held.delete(held);
    };
    const held = new SimulatedAdapter(this.storage, adapter, this.#options, { created, onClose });
    this.#held.add(held);
    return held;
  }
}
