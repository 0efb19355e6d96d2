import type { IpSettings } from "../../windows/network/ip_interface.ts";
import { netLuid } from "../../windows/network/net_luid.ts";
import type { PingOutcome, PingSeries } from "../../windows/network/ping_series.ts";
import type { Family } from "../../windows/network/sockaddr_inet.ts";
import type { DriverVersion } from "../../wintun/library.ts";
import { type Cidr, containsAddress } from "../../wire/cidr.ts";
import { equalIpAddress } from "../../wire/ip_address.ts";
import { adapterNameFault, compareNames, isMeant } from "../adapter_name.ts";
import { becomesTrue } from "../becomes_true.ts";
import { ChangeNotice } from "../change_notice.ts";
import { changesBetween } from "../changes.ts";
import { deriveGuid } from "../derived_guid.ts";
import { instanceIdOf } from "../instance_id.ts";
import { requestedGuid } from "../requested_guid.ts";
import type {
  Adapter,
  AdapterInfo,
  AdapterRequest,
  Configured,
  ConfigureOptions,
  CreatePlan,
  Finding,
  Host,
  InterfaceDetails,
  OwnerRole,
  PacketSession,
  Permission,
  SessionOwner,
} from "../host.ts";
import {
  addressIsTaken,
  cannotStopServing,
  driverIsInUse,
  HostError,
  noSuchAdapter,
  sessionIsOpen,
  stillHeld,
  stillServes,
} from "../host_error.ts";
import { DEFAULT_MTU, refuseSmallMtu } from "../mtu.ts";
import { newNameIsTaken, refuseBadName, withNewName } from "../new_name.ts";
import { guidIsTaken, nameIsTaken, refuseOthers } from "../ownership.ts";
import { CATEGORY_OF_NEW_NETWORKS, type CategorySetting, givenCategory } from "../settings/category.ts";
import { mergeSettings, NEW_SETTINGS, SETTINGS, type Settings } from "../settings/settings.ts";
import { createSimulatedAttachment, type SimulatedAttachment, SimulatedLink } from "./device.ts";
import { type PeerEvent, type PeerNetwork, SimulatedPeer } from "./peer.ts";
import { pingFromPeer } from "./pings.ts";

/** IF_TYPE_PROP_VIRTUAL (ipifcons.h), the interface type of Wintun adapters. */
const INTERFACE_TYPE = 53;
const FIRST_INTERFACE_INDEX = 50;
/** The metric that Windows chooses for a Wintun adapter. */
const AUTOMATIC_METRIC = 5;
const DEFAULT_PING_INTERVAL_MS = 1000;
const DRIVER_VERSION: DriverVersion = { major: 0, minor: 14 };
const INSTALLED_VERSION = `${DRIVER_VERSION.major}.${DRIVER_VERSION.minor}.0.0`;
/** All simulated machines have the same GUID, so that derived GUIDs are the same everywhere. */
const MACHINE_GUID = "5e1a7ed0-c0de-4c0d-8e0d-51b0a7edadaf";

/** Options of a simulated machine. */
export interface SimulatedHostOptions {
  /** Milliseconds between the pings of a session's peer. Default 1000. */
  readonly pingIntervalMs?: number;
  /** Receives the result of each ping. */
  readonly onPeer?: (event: PeerEvent) => void;
  /** What is behind the adapters. Absent: hosts that answer everything at once. */
  readonly network?: PeerNetwork;
}

/** An adapter as the simulated machine knows it. */
interface Entry {
  name: string;
  readonly type: string;
  readonly guid: string;
  readonly ifIndex: number;
  readonly role: OwnerRole;
  readonly persistent: boolean;
  /** Asks the holder to release the adapter. */
  readonly stop: PromiseWithResolvers<void>;
  /** Notifies the holder that somebody else has removed the adapter. */
  readonly removed: PromiseWithResolvers<void>;
  /** Asks the process that serves the adapter to end. Absent while the adapter is not served. */
  serving?: PromiseWithResolvers<void>;
  settings: Required<Settings>;
  session?: SimulatedSession;
  /** Notifies those who follow the machine that something of the adapter has changed. */
  changed(): void;
}

/** A machine with Wintun adapters, in memory. It works on any operating system, without a driver and without privileges. */
export class SimulatedHost implements Host {
  readonly #options: SimulatedHostOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #notice = new ChangeNotice();
  #nextIndex = FIRST_INTERFACE_INDEX;

  constructor(options: SimulatedHostOptions = {}) {
    this.#options = options;
  }

  list(): Promise<AdapterInfo[]> {
    const infos = Array.from(this.#entries.values(), infoOf);
    return Promise.resolve(infos.sort((a, b) => compareNames(a.name, b.name)));
  }

  find(nameOrGuid: string): Promise<AdapterInfo | undefined> {
    const entry = this.#find(nameOrGuid);
    return Promise.resolve(entry === undefined ? undefined : infoOf(entry));
  }

  changes(signal: AbortSignal): AsyncIterable<void> {
    return this.#notice.follow(signal);
  }

  async check(request: AdapterRequest, { addresses = [] }: Settings = {}): Promise<CreatePlan> {
    const operation = `Cannot create adapter "${request.name}"`;
    const fault = adapterNameFault(request.name);
    if (fault !== undefined) throw new HostError("invalid", operation, fault);
    const guid = requestedGuid(request, operation) ?? await deriveGuid(MACHINE_GUID, request.name);
    const named = this.#find(request.name);
    if (named !== undefined) throw nameIsTaken(operation, infoOf(named));
    const holder = this.#find(guid);
    if (holder !== undefined) throw guidIsTaken(operation, guid, request, infoOf(holder));
    this.#refuseTakenAddresses(undefined, addresses, operation);
    return { guid, removes: [] };
  }

  async create(request: AdapterRequest): Promise<Adapter> {
    const { guid } = await this.check(request);
    const entry: Entry = {
      name: request.name,
      type: request.type,
      guid,
      ifIndex: this.#nextIndex++,
      role: request.role ?? "command",
      persistent: request.persistent ?? false,
      stop: Promise.withResolvers(),
      removed: Promise.withResolvers(),
      settings: NEW_SETTINGS,
      changed: () => this.#notice.notify(),
    };
    this.#entries.set(keyOf(entry.name), entry);
    entry.changed();
    return new SimulatedAdapter(entry, this.#options, () => this.#remove(entry));
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async open(nameOrGuid: string, permission: Permission = {}): Promise<Adapter> {
    const entry = this.#find(nameOrGuid);
    const operation = `Cannot open adapter "${nameOrGuid}"`;
    if (entry === undefined) throw noSuchAdapter(operation);
    refuseOthers(operation, infoOf(entry), permission);
    return new SimulatedAdapter(entry, this.#options, undefined);
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async configure(
    luid: bigint,
    settings: Settings,
    { dryRun = false, name, ...permission }: Permission & ConfigureOptions = {},
  ): Promise<Configured> {
    const entry = this.#entries.values().find((candidate) => luidOf(candidate) === luid);
    if (entry === undefined) throw noSuchAdapter(`Cannot configure adapter "with LUID ${luid}"`);
    const operation = `Cannot configure adapter "${entry.name}"`;
    refuseOthers(operation, infoOf(entry), permission);
    const before = entry.name;
    if (name !== undefined) this.#refuseName(entry, name, operation);
    refuseSmallMtu(operation, settings, entry.settings);
    this.#refuseTakenAddresses(entry, settings.addresses ?? [], operation);
    const changes = changesBetween(entry.settings, settings);
    if (!dryRun) {
      entry.settings = { ...entry.settings, ...mergeSettings(entry.settings, settings) };
      this.#rename(entry, name ?? before);
    }
    const configured = withNewName({ changed: changes.length > 0, changes, warnings: [] }, before, name);
    if (configured.changed && !dryRun) entry.changed();
    return configured;
  }

  /** No adapter of a simulated machine is stopped. */
  // deno-lint-ignore require-await -- errors must be rejections
  async reorder(info: AdapterInfo, _settings: Settings): Promise<Configured> {
    throw noSuchAdapter(`Cannot configure adapter "${info.name}"`);
  }

  async stop(info: AdapterInfo, timeoutMs: number): Promise<void> {
    const entry = this.#entries.get(keyOf(info.name));
    const operation = `Cannot delete adapter "${info.name}"`;
    if (entry === undefined) throw noSuchAdapter(operation);
    entry.stop.resolve();
    // No process stands behind a simulated keeper, so the adapter is removed here.
    if (entry.role === "keeper") return this.#remove(entry);
    const isGone = (): boolean => this.#entries.get(keyOf(info.name)) !== entry;
    if (!await happens(isGone, timeoutMs)) throw stillHeld(operation, `process ${Deno.pid}`);
  }

  async stopSession(info: AdapterInfo, timeoutMs: number): Promise<SessionOwner | undefined> {
    const entry = this.#entries.get(keyOf(info.name));
    const serving = entry?.serving;
    if (serving === undefined) return undefined;
    serving.resolve();
    const hasEnded = (): boolean => entry?.serving !== serving;
    if (!await happens(hasEnded, timeoutMs)) throw stillServes(cannotStopServing(info.name), Deno.pid);
    return { pid: Deno.pid };
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async remove(info: AdapterInfo, permission: Permission = {}): Promise<void> {
    const entry = this.#entries.get(keyOf(info.name));
    const operation = `Cannot delete adapter "${info.name}"`;
    if (entry === undefined) throw noSuchAdapter(operation);
    refuseOthers(operation, infoOf(entry), permission);
    this.#remove(entry);
    entry.removed.resolve();
  }

  /** A simulated machine lets everybody change it. */
  requireElevation(): void {}

  driverVersion(): Promise<DriverVersion | undefined> {
    return Promise.resolve(this.#entries.size === 0 ? undefined : DRIVER_VERSION);
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async removeDriver(): Promise<boolean> {
    if (this.#entries.size === 0) return false;
    throw driverIsInUse("Cannot remove the Wintun driver");
  }

  usedNetworks(): Promise<Cidr[]> {
    const settings = Array.from(this.#entries.values(), (entry) => entry.settings);
    return Promise.resolve(settings.flatMap(({ addresses, routes }) => [...addresses, ...routes]));
  }

  async ping(series: PingSeries, stop: AbortSignal): Promise<PingOutcome> {
    const behind = this.#entries.values().find(({ settings: { addresses, routes } }) =>
      [...addresses, ...routes].some((network) => containsAddress(network, series.target))
    );
    return await pingFromPeer(behind?.session?.peer, series, stop);
  }

  remains({ guid }: AdapterInfo): Promise<string[]> {
    return Promise.resolve(this.#find(guid) === undefined ? [] : ["the adapter"]);
  }

  examine(): Promise<Finding[]> {
    const message = "This is a simulated machine. Everything works.";
    return Promise.resolve([{ check: "platform", result: "ok", message, hint: "" }]);
  }

  close(): Promise<void> {
    for (const entry of this.#entries.values()) entry.session?.close();
    this.#entries.clear();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #remove(entry: Entry): void {
    entry.session?.adapterRemoved();
    if (this.#entries.get(keyOf(entry.name)) === entry) this.#entries.delete(keyOf(entry.name));
    entry.changed();
  }

  #refuseName(entry: Entry, name: string, operation: string): void {
    refuseBadName(operation, name);
    const holder = this.#entries.get(keyOf(name));
    if (holder !== undefined && holder !== entry) throw newNameIsTaken(operation, name);
  }

  #rename(entry: Entry, name: string): void {
    this.#entries.delete(keyOf(entry.name));
    entry.name = name;
    this.#entries.set(keyOf(name), entry);
  }

  #refuseTakenAddresses(entry: Entry | undefined, addresses: readonly Cidr[], operation: string): void {
    for (const cidr of addresses) {
      const holder = this.#entries.values().find((other) =>
        other !== entry &&
        other.settings.addresses.some(({ address }) => equalIpAddress(address, cidr.address))
      );
      if (holder !== undefined) throw addressIsTaken(operation, cidr, holder.name);
    }
  }

  #find(nameOrGuid: string): Entry | undefined {
    return this.#entries.values().find((entry) => isMeant(entry, nameOrGuid));
  }
}

class SimulatedAdapter implements Adapter {
  readonly info: AdapterInfo;
  readonly created: boolean;
  readonly stopRequested: Promise<void>;
  readonly removed: Promise<void>;
  readonly sessionStopRequested: Promise<void>;
  readonly #entry: Entry;
  readonly #options: SimulatedHostOptions;
  readonly #remove: (() => void) | undefined;
  readonly #serving = Promise.withResolvers<void>();
  #session: SimulatedSession | undefined;
  #closed = false;

  /** @param remove Removes the adapter when it is closed; `undefined` unless this process created it. */
  constructor(entry: Entry, options: SimulatedHostOptions, remove: (() => void) | undefined) {
    this.info = infoOf(entry);
    this.created = remove !== undefined;
    this.stopRequested = remove === undefined ? new Promise(() => {}) : entry.stop.promise;
    this.removed = new Promise((resolve) => {
      entry.removed.promise.then(() => {
        if (!this.#closed) resolve();
      });
    });
    this.sessionStopRequested = this.#serving.promise;
    this.#entry = entry;
    this.#options = options;
    this.#remove = remove;
    if (this.created && entry.role === "command") entry.serving = this.#serving;
  }

  openSession(capacityBytes: number): PacketSession {
    if (this.#entry.session !== undefined) throw sessionIsOpen(this.#entry.name);
    this.#session = new SimulatedSession(this.#entry, capacityBytes, this.#options);
    this.#entry.serving = this.#serving;
    this.#entry.changed();
    return this.#session;
  }

  close(): void {
    this.#closed = true;
    this.#session?.close();
    if (this.#entry.serving === this.#serving) delete this.#entry.serving;
    this.#entry.changed();
    this.#remove?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

class SimulatedSession implements PacketSession {
  readonly attachment: SimulatedAttachment;
  readonly #entry: Entry;
  /** The machine that the session's packets come from. */
  readonly peer: SimulatedPeer;
  readonly #link: SimulatedLink;

  constructor(entry: Entry, capacityBytes: number, options: SimulatedHostOptions) {
    this.attachment = createSimulatedAttachment(capacityBytes);
    this.#link = new SimulatedLink(this.attachment);
    this.peer = new SimulatedPeer(
      this.#link,
      () => entry.settings.addresses,
      options.pingIntervalMs ?? DEFAULT_PING_INTERVAL_MS,
      options.onPeer ?? ((): void => {}),
      options.network,
    );
    this.#entry = entry;
    entry.session = this;
  }

  stop(): void {
    this.#link.stop();
  }

  /** Notifies the reader that the adapter was removed. */
  adapterRemoved(): void {
    this.#link.remove();
  }

  close(): void {
    this.peer.finish();
    if (this.#entry.session !== this) return;
    delete this.#entry.session;
    this.#entry.changed();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function infoOf(entry: Entry): AdapterInfo {
  const { addresses, routes, dns, dnsSuffix, dnsSearch, dnsRegistration, category, dnsFor } = entry.settings;
  const ip = { 4: ipSettingsOf(entry.settings, 4), 6: ipSettingsOf(entry.settings, 6) };
  const connected = entry.session !== undefined;
  return {
    name: entry.name,
    type: entry.type,
    guid: entry.guid,
    luid: luidOf(entry),
    ifIndex: entry.ifIndex,
    instanceId: instanceIdOf(entry.guid),
    driverVersion: INSTALLED_VERSION,
    state: connected ? "up" : "down",
    mtu: ip[4].mtu,
    metric: ip[4].metric,
    addresses,
    details: {
      ...{ connected, ip, routes, dns, dnsSuffix, dnsSearch, dnsRegistration, dnsFor },
      ...categoryDetails(category, connected),
    },
    owner: { pid: Deno.pid, ours: true, role: entry.role },
    ...(entry.persistent ? { persistent: true } : {}),
    ...(entry.serving === undefined ? {} : { session: { pid: Deno.pid } }),
  };
}

/** A simulated machine identifies a network as soon as a session is open. */
function categoryDetails(
  setting: CategorySetting,
  connected: boolean,
): Pick<InterfaceDetails, "category" | "givenCategory"> {
  const given = givenCategory(setting);
  return {
    ...(connected ? { category: given ?? CATEGORY_OF_NEW_NETWORKS } : {}),
    ...(given === undefined ? {} : { givenCategory: given }),
  };
}

function ipSettingsOf({ mtu, metric, forwarding }: Required<Settings>, family: Family): IpSettings {
  const set = SETTINGS.metric.spread(metric)[family] ?? 0;
  return {
    mtu: SETTINGS.mtu.spread(mtu)[family] ?? DEFAULT_MTU,
    metric: set === 0 ? AUTOMATIC_METRIC : set,
    automaticMetric: set === 0,
    forwarding: SETTINGS.forwarding.spread(forwarding)[family] ?? false,
  };
}

/** Waits until `condition` holds. Returns `false` if it does not hold in time. */
async function happens(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  return await becomesTrue(condition, performance.now() + timeoutMs, () => performance.now());
}

function luidOf(entry: Entry): bigint {
  return netLuid(INTERFACE_TYPE, entry.ifIndex);
}

/** Windows compares connection names without regard to case. */
function keyOf(name: string): string {
  return name.toUpperCase();
}
