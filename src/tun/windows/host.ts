import type { PingOutcome, PingSeries } from "../../windows/network/ping_series.ts";
import { System } from "../../windows/system.ts";
import type { SystemLibraries, SystemPaths } from "../../windows/system_libraries.ts";
import { ERROR_INF_IN_USE_BY_DEVICES, Win32Error } from "../../windows/win32_error.ts";
import type { Adapter as WintunAdapter } from "../../wintun/adapter.ts";
import { deleteDriver, type DriverVersion, runningDriverVersion } from "../../wintun/library.ts";
import { type WintunPlaces, wintunPlaces } from "../../wintun/locate.ts";
import type { LogLine } from "../../wintun/log_line.ts";
import type { Cidr } from "../../wire/cidr.ts";
import type { AdapterInfo, SessionOwner } from "../adapter_info.ts";
import type { Finding } from "../findings.ts";
import type {
  Adapter,
  AdapterRequest,
  Configured,
  ConfigureOptions,
  CreatePlan,
  Host,
  HostOptions,
  Permission,
} from "../host.ts";
import { cannot, cannotStopServing, driverIsInUse, noSuchAdapter } from "../host_error.ts";
import { refuseOthers } from "../ownership.ts";
import type { Settings } from "../settings/settings.ts";
import { HeldAdapter } from "./held_adapter.ts";
import { removeLeftRules, removeRulesOf } from "./dns_rules.ts";
import { removeDevice } from "./devices.ts";
import { CategoryWatch } from "./category_watch.ts";
import { Configuring } from "./configuring.ts";
import { Creation } from "./creation.ts";
import { withDetails } from "./details.ts";
import { requireElevation } from "./elevation.ts";
import { examine } from "./examination.ts";
import { GivenCategories } from "./given_categories.ts";
import { Holders } from "./holders.ts";
import { findWithOwner, findWithOwnerByLuid, listWithOwners, withOwner } from "./inventory.ts";
import type { OwnRecord } from "./process_records.ts";
import { MachineWatch } from "./machine_watch.ts";
import { openFound } from "./opening.ts";
import { isAdapterThere, RemovalWatch } from "./removal_watch.ts";
import { Renaming } from "./renaming.ts";
import { Reordering } from "./reordering.ts";
import { setUpDns } from "./settings/dns.ts";
import { stopOwner, stopSession } from "./stopping.ts";
import { Loader, type LoaderOptions } from "./loader.ts";
import { remainsOf, usedNetworks } from "./traces.ts";

/** Absolute paths of the DLLs to use. */
export interface Libraries extends SystemPaths {
  readonly wintun: string;
}

/** The options of the host of this machine. */
export interface WindowsHostOptions extends Partial<HostOptions> {
  /** The system to use, which stays open. Without it, the host opens one and closes it. */
  readonly system?: System;
  /** DLLs to use instead of the system's DLLs and of wintun.dll, without any check. */
  readonly libraries?: Partial<Libraries>;
  /** Milliseconds of a clock that never goes back; deadlines are times of it. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Opens the host of this machine. The caller owns it. Each DLL is loaded when it is first needed: wintun.dll to create or
 * open an adapter, to examine the machine, and for the driver's version and removal.
 */
export function openWindowsHost(options: WindowsHostOptions = {}): Promise<Host> {
  const { wintun, ...paths } = options.libraries ?? {};
  const places = (libraries: SystemLibraries): WintunPlaces => wintunPlaces(libraries, options.dll);
  const source = wintun === undefined ? { places } : { path: wintun };
  const { removeLegacy = false, log = () => {}, logThread, now = () => performance.now() } = options;
  const system = options.system ?? new System(paths);
  const onClose = (): void => {
    if (options.system === undefined) system.close();
  };
  return Promise.resolve(
    new WindowsHost(
      system,
      { source, givenDll: options.dll?.path, removeLegacy, log, logThread },
      now,
      onClose,
    ),
  );
}

class WindowsHost implements Host {
  readonly #system: System;
  readonly #wintun: Loader;
  readonly #holders: Holders;
  readonly #creation: Creation;
  readonly #given: GivenCategories;
  readonly #configuring: Configuring;
  readonly #reordering: Reordering;
  readonly #now: () => number;
  readonly #log: (line: LogLine) => void;
  readonly #adapters = new Set<HeldAdapter>();
  /** Waits that end soon after their adapters are closed, and need the system's DLLs until then. */
  readonly #waits = new Set<Promise<unknown>>();
  readonly #onClose: () => void;

  constructor(system: System, loading: LoaderOptions, now: () => number, onClose: () => void) {
    this.#system = system;
    this.#onClose = onClose;
    this.#log = loading.log;
    this.#wintun = new Loader(system, loading);
    this.#holders = new Holders(system);
    this.#creation = new Creation(system, this.#wintun, this.#holders, now);
    this.#given = new GivenCategories(system.registry);
    const renaming = new Renaming(system, this.#holders, now);
    const warn = (messages: readonly string[]): void => this.#warn(messages);
    this.#configuring = new Configuring(system, this.#holders, this.#given, renaming, warn, now);
    this.#reordering = new Reordering(this.#holders.services, renaming);
    this.#now = now;
  }

  async list({ all = false, details = true, categories = false } = {}): Promise<AdapterInfo[]> {
    const infos = listWithOwners(this.#system, this.#holders, all);
    return details ? await withDetails(infos, this.#system, { categories }) : infos;
  }

  async find(nameOrGuid: string, { all = false, details = true } = {}): Promise<AdapterInfo | undefined> {
    const info = findWithOwner(this.#system, this.#holders, nameOrGuid, all);
    return info && details ? (await withDetails([info], this.#system, { categories: true }))[0] : info;
  }

  async *changes(signal: AbortSignal): AsyncGenerator<void, void, void> {
    await using watch = await MachineWatch.open(this.#system, this.#holders);
    yield* watch.follow(signal);
  }

  async check(request: AdapterRequest, settings: Settings = {}): Promise<CreatePlan> {
    return await this.#creation.check(request, settings);
  }

  async create(request: AdapterRequest): Promise<Adapter> {
    const { adapter, info, record } = await this.#creation.create(request);
    const held = this.#hold(adapter, info, { created: true, record });
    try {
      // A process that was killed has left the rules of its adapter, which may have had this GUID.
      this.#warn([...await removeRulesOf(this.#system, info.guid), ...await removeLeftRules(this.#system)]);
      await this.#setUpDns(info);
      if (request.role === "keeper") return held;
      // A command that creates an adapter will serve it.
      held.announceSession();
    } catch (error) {
      held.close();
      throw error;
    }
    return held;
  }

  /** Gives a new adapter its DNS settings. It is of use even if Windows refuses them. */
  async #setUpDns({ name, luid }: AdapterInfo): Promise<void> {
    try {
      await setUpDns(this.#system.network.interface(luid), this.#now);
    } catch (error) {
      if (!(error instanceof Win32Error)) throw error;
      const message = `Windows may have kept DNS settings of an earlier adapter "${name}": ${error.reason}`;
      this.#log({ level: "warning", message });
    }
  }

  async open(nameOrGuid: string, permission: Permission = {}): Promise<Adapter> {
    const operation = cannot("open", nameOrGuid);
    requireElevation(this.#system, operation);
    const wintun = await this.#wintun.load(operation);
    const found = findWithOwner(this.#system, this.#holders, nameOrGuid, false);
    if (found === undefined || found.luid === 0n) throw noSuchAdapter(operation);
    refuseOthers(operation, found, permission);
    return this.#hold(openFound(this.#system, wintun, found, operation), found, { created: false });
  }

  async configure(
    luid: bigint,
    settings: Settings,
    options: Permission & ConfigureOptions = {},
  ): Promise<Configured> {
    const info = findWithOwnerByLuid(this.#system, this.#holders, luid);
    const operation = cannot("configure", info?.name ?? `with LUID ${luid}`);
    requireElevation(this.#system, operation);
    if (info === undefined) throw noSuchAdapter(operation);
    refuseOthers(operation, info, options);
    return await this.#configuring.configure(info, settings, operation, options);
  }

  async reorder(
    info: AdapterInfo,
    settings: Settings,
    { dryRun = false, name = info.name }: ConfigureOptions = {},
  ): Promise<Configured> {
    const operation = cannot("configure", info.name);
    requireElevation(this.#system, operation);
    return await this.#reordering.reorder(info, settings, operation, { dryRun, name });
  }

  async stop(info: AdapterInfo, timeoutMs: number): Promise<void> {
    requireElevation(this.#system, cannot("delete", info.name));
    await stopOwner(this.#system, this.#holders, info, timeoutMs, this.#now, this.#log);
    this.#forgetUnheld();
    this.#warn(await removeLeftRules(this.#system));
  }

  async stopSession(info: AdapterInfo, timeoutMs: number): Promise<SessionOwner | undefined> {
    requireElevation(this.#system, cannotStopServing(info.name));
    return await stopSession(this.#system, this.#holders, info, timeoutMs, this.#now);
  }

  async remove(info: AdapterInfo, permission: Permission = {}): Promise<void> {
    const operation = cannot("delete", info.name);
    requireElevation(this.#system, operation);
    refuseOthers(operation, withOwner(info, this.#holders), permission);
    this.#holders.records.forgetDead();
    this.#forgetUnheld();
    const removed = removeDevice(this.#system, info.instanceId);
    const holder = this.#holders.find(info.guid);
    // A holder whose adapter is removed now notices that itself. One that lost it before, and still runs, hangs.
    if (holder !== undefined && !removed) this.#holders.giveUp(holder);
    if (!removed && holder === undefined) throw noSuchAdapter(operation);
    this.#warn(await removeLeftRules(this.#system));
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
    return await examine(this.#system, this.#wintun, this.#holders);
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async usedNetworks(): Promise<Cidr[]> {
    return usedNetworks(this.#system);
  }

  async ping(series: PingSeries, stop: AbortSignal): Promise<PingOutcome | undefined> {
    return await this.#system.network.ping(series, stop);
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async remains(info: AdapterInfo): Promise<string[]> {
    return remainsOf(this.#system, this.#holders, info);
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

  #hold(
    adapter: WintunAdapter,
    info: AdapterInfo,
    { created, record }: { readonly created: boolean; readonly record?: OwnRecord | undefined },
  ): HeldAdapter {
    const watch = new RemovalWatch(() => isAdapterThere(this.#system, info));
    const makeRecord = (): OwnRecord => {
      const record = this.#holders.records.record(info.guid);
      this.#finishBeforeClosing(record.demand);
      return record;
    };
    if (record !== undefined) this.#finishBeforeClosing(record.demand);
    const categoryWatch = created ? this.#watchCategory(info) : undefined;
    const held = new HeldAdapter(adapter, info, watch, {
      created,
      ...(record === undefined ? {} : { record }),
      makeRecord,
      beforeRemoval: () => this.#finishBeforeClosing(this.#removeRules(info.guid)),
      onClose: () => {
        if (categoryWatch !== undefined) this.#finishBeforeClosing(categoryWatch.close());
        this.#adapters.delete(held);
      },
    });
    this.#adapters.add(held);
    return held;
  }

  #forgetUnheld(): void {
    this.#given.forgetUnheld((guid) => this.#holders.find(guid) !== undefined);
  }

  #watchCategory(info: AdapterInfo): CategoryWatch {
    this.#given.forget(info.guid);
    this.#forgetUnheld();
    return CategoryWatch.start(this.#system, info, { given: this.#given, log: this.#log });
  }

  async #removeRules(guid: string): Promise<void> {
    this.#warn(await removeRulesOf(this.#system, guid));
  }

  #warn(warnings: readonly string[]): void {
    for (const message of warnings) this.#log({ level: "warning", message });
  }

  #finishBeforeClosing(work: Promise<unknown>): void {
    const wait = work.finally(() => this.#waits.delete(wait));
    this.#waits.add(wait);
  }
}
