import type { Signal } from "../../windows/named_objects.ts";
import { System } from "../../windows/system.ts";
import type { SystemLibraries, SystemPaths } from "../../windows/system_libraries.ts";
import { ERROR_NOT_FOUND, Win32Error } from "../../windows/win32_error.ts";
import { Adapter as WintunAdapter } from "../../wintun/adapter.ts";
import { deleteDriver, type DriverVersion, runningDriverVersion } from "../../wintun/library.ts";
import { type WintunPlaces, wintunPlaces } from "../../wintun/locate.ts";
import type { LogLine } from "../../wintun/log_line.ts";
import type {
  Adapter,
  AdapterInfo,
  AdapterRequest,
  Configured,
  CreatePlan,
  Finding,
  Host,
  HostOptions,
  SessionOwner,
  Settings,
} from "../host.ts";
import { cannotStopServing, driverIsInUse, HostError, noSuchAdapter } from "../host_error.ts";
import { HeldAdapter } from "./held_adapter.ts";
import { findAdapter, findAdapterByLuid, listDevices, removeDevice } from "./devices.ts";
import { Creation } from "./creation.ts";
import { requireElevation } from "./elevation.ts";
import { examine } from "./examination.ts";
import { findWithOwner, listWithOwners, withOwner } from "./inventory.ts";
import { OwnerRecords, type Ownership } from "./owner_records.ts";
import { isAdapterThere, RemovalWatch } from "./removal_watch.ts";
import { type OwnSession, SessionRecords } from "./session_records.ts";
import { applySettings } from "./settings.ts";
import { stopOwner, stopSession } from "./stopping.ts";
import { Loader, type LoaderOptions } from "./loader.ts";

/** SetupUninstallOEMInf: a device uses the driver. */
const ERROR_INF_IN_USE_BY_DEVICES = 0xE000_023D;

/** Absolute paths of the DLLs to use. */
export interface Libraries extends SystemPaths {
  readonly wintun: string;
}

export interface WindowsHostOptions extends Partial<HostOptions> {
  /** Stays open; without it, the host has one of its own. */
  readonly system?: System;
  /** DLLs to use instead of the system's, and as wintun.dll, unchecked; for tests. */
  readonly libraries?: Partial<Libraries>;
  /** Milliseconds by a clock that never goes back; deadlines are times of it. Absent: `performance.now`. */
  readonly now?: () => number;
}

/** Opens this machine's adapters. No DLL is loaded before it is needed: wintun.dll only to create or open an adapter. */
export function openWindowsHost(options: WindowsHostOptions = {}): Promise<Host> {
  const { wintun, ...paths } = options.libraries ?? {};
  const places = (libraries: SystemLibraries): WintunPlaces => wintunPlaces(libraries, options.dll);
  const source = wintun === undefined ? { places } : { path: wintun };
  const { removeLegacy = false, log = () => {}, now = () => performance.now() } = options;
  const system = options.system ?? new System(paths);
  const onClose = (): void => {
    if (options.system === undefined) system.close();
  };
  return Promise.resolve(new WindowsHost(system, { source, removeLegacy, log }, now, onClose));
}

class WindowsHost implements Host {
  readonly #system: System;
  readonly #wintun: Loader;
  readonly #owners: OwnerRecords;
  readonly #sessions: SessionRecords;
  readonly #creation: Creation;
  readonly #now: () => number;
  readonly #log: (line: LogLine) => void;
  readonly #adapters = new Set<HeldAdapter>();
  /** Waits for stop signals, which end soon after their adapters are closed, and need the system's DLLs until then. */
  readonly #waits = new Set<Promise<unknown>>();
  readonly #onClose: () => void;

  constructor(system: System, loading: LoaderOptions, now: () => number, onClose: () => void) {
    this.#system = system;
    this.#onClose = onClose;
    this.#log = loading.log;
    this.#wintun = new Loader(system, loading);
    this.#owners = new OwnerRecords(system);
    this.#sessions = new SessionRecords(system);
    this.#creation = new Creation(system, this.#wintun, this.#owners, now);
    this.#now = now;
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async list(options: { readonly all?: boolean } = {}): Promise<AdapterInfo[]> {
    const adapters = listWithOwners(this.#system, this.#owners, options.all ?? false);
    return adapters.map((info) => this.#sessions.withSession(info));
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async find(nameOrGuid: string): Promise<AdapterInfo | undefined> {
    const info = findWithOwner(this.#system, this.#owners, nameOrGuid);
    return info === undefined ? undefined : this.#sessions.withSession(info);
  }

  async check(request: AdapterRequest): Promise<CreatePlan> {
    return await this.#creation.check(request);
  }

  async create(request: AdapterRequest): Promise<Adapter> {
    const { adapter, info, ownership } = await this.#creation.create(request);
    const held = this.#hold(adapter, info, ownership);
    this.#awaitBeforeClosing(ownership.stopSignal);
    if (request.role === "keeper") return held;
    try {
      // Whoever makes an adapter for itself is about to serve it.
      held.announceSession();
    } catch (error) {
      held.close();
      throw error;
    }
    return held;
  }

  async open(name: string): Promise<Adapter> {
    const operation = `Cannot open adapter "${name}"`;
    requireElevation(this.#system, operation);
    const info = findAdapter(this.#system, name);
    const wintun = await this.#wintun.load(operation);
    try {
      const adapter = WintunAdapter.open(wintun, this.#createdName(name, info));
      const opened = findAdapterByLuid(this.#system, adapter.luid);
      if (opened === undefined) {
        adapter.close();
        throw new Win32Error(ERROR_NOT_FOUND, operation);
      }
      const owned = withOwner(opened, this.#owners);
      return this.#hold(adapter, owned, undefined);
    } catch (error) {
      if (!(error instanceof Win32Error)) throw error;
      // One that goes meanwhile has many codes.
      if (error.code !== ERROR_NOT_FOUND && this.#isThere(name)) throw error;
      throw noSuchAdapter(operation, { cause: error });
    }
  }

  async configure(luid: bigint, settings: Settings): Promise<Configured> {
    const name = findAdapterByLuid(this.#system, luid)?.name ?? `with LUID ${luid}`;
    requireElevation(this.#system, `Cannot configure adapter "${name}"`);
    return await applySettings(this.#system.network.interface(luid), name, settings, this.#now);
  }

  async stop(info: AdapterInfo, timeoutMs: number): Promise<void> {
    requireElevation(this.#system, `Cannot delete adapter "${info.name}"`);
    await stopOwner(this.#system, this.#owners, info, timeoutMs, this.#now, this.#log);
    this.#sessions.forgetDead();
  }

  async stopSession(info: AdapterInfo, timeoutMs: number): Promise<SessionOwner | undefined> {
    requireElevation(this.#system, cannotStopServing(info.name));
    return await stopSession(this.#system, this.#sessions, info, timeoutMs, this.#now);
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async remove(info: AdapterInfo): Promise<void> {
    const operation = `Cannot delete adapter "${info.name}"`;
    requireElevation(this.#system, operation);
    if (info.state === "foreign") throw new HostError("invalid", operation, "it is not a Wintun adapter");
    const removed = removeDevice(this.#system, info.instanceId);
    const record = this.#owners.find(info.guid);
    if (record !== undefined && (!removed || !this.#owners.isRunning(record))) {
      this.#owners.forget(record.guid);
    }
    this.#sessions.forgetDead();
    if (!removed && record === undefined) throw noSuchAdapter(operation);
  }

  async driverVersion(): Promise<DriverVersion | undefined> {
    return runningDriverVersion(await this.#wintun.load("Cannot read the driver's version"));
  }

  requireElevation(operation: string): void {
    requireElevation(this.#system, operation);
  }

  async removeDriver(): Promise<boolean> {
    const operation = "Cannot remove the Wintun driver";
    requireElevation(this.#system, operation);
    const wintun = await this.#wintun.load(operation);
    const wasLoaded = runningDriverVersion(wintun) !== undefined;
    try {
      deleteDriver(wintun);
      return wasLoaded;
    } catch (error) {
      if (!(error instanceof Win32Error) || error.code !== ERROR_INF_IN_USE_BY_DEVICES) throw error;
      throw driverIsInUse(operation, error);
    }
  }

  async examine(): Promise<Finding[]> {
    return await examine(this.#system, this.#wintun, this.#owners);
  }

  async close(): Promise<void> {
    for (const adapter of this.#adapters) adapter.close();
    await Promise.all(this.#waits);
    await this.#wintun.close();
    this.#onClose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #hold(adapter: WintunAdapter, info: AdapterInfo, ownership: Ownership | undefined): HeldAdapter {
    const watch = new RemovalWatch(() => isAdapterThere(this.#system, info));
    const recordSession = (): OwnSession => {
      const session = this.#sessions.record(info.guid);
      this.#awaitBeforeClosing(session.stopSignal);
      return session;
    };
    const onClose = (): unknown => this.#adapters.delete(held);
    const held = new HeldAdapter(adapter, info, watch, ownership, recordSession, onClose);
    this.#adapters.add(held);
    return held;
  }

  #awaitBeforeClosing({ wasSet }: Signal): void {
    const wait = wasSet.finally(() => this.#waits.delete(wait));
    this.#waits.add(wait);
  }

  #isThere(name: string): boolean {
    const info = findAdapter(this.#system, name);
    return info !== undefined && info.state !== "foreign";
  }

  /** What the adapter was created as: WintunOpenAdapter does not know of a connection's later names. */
  #createdName(name: string, info: AdapterInfo | undefined): string {
    if (info === undefined) return name;
    const device = listDevices(this.#system).find(({ guid }) => guid === info.guid);
    return device?.createdName ?? info.name;
  }
}
