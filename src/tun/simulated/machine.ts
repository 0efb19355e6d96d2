import type { Traffic } from "../../windows/network/interface_info.ts";
import type { HolderEnd, OwnerRole } from "../adapter_info.ts";
import { isMeant, sameName } from "../adapter_name.ts";
import { NEW_SETTINGS, type Settings } from "../settings/settings.ts";
import { NO_TRAFFIC } from "./traffic.ts";

const FIRST_INTERFACE_INDEX = 50;

/**
 * Process ids that no process has: Linux has none above 4194304, macOS none above 99998, and those of Windows are multiples
 * of four. So nobody ends a real process in the place of one that is only simulated.
 */
const FIRST_PID = 4_194_305;

/**
 * What is behind an adapter.
 *
 * - `service`: a service of this program holds it, or will hold it. The service has no real process.
 * - `process`: a process of this program made it, and holds it while it runs.
 * - `other`: another program made it.
 * - `nobody`: a device that Windows only remembers.
 * - `legacy`: a device of Wintun 0.13 or older.
 * - `foreign`: a tunnel that is not Wintun's. `ethernet`: a network adapter that is no tunnel.
 */
export type Holding =
  | ServiceHolding
  | ProcessHolding
  | { readonly kind: "other"; readonly hasSession: boolean }
  | { readonly kind: "nobody" | "legacy" | "foreign" | "ethernet" };

/** A service that is simulated. */
export interface ServiceHolding {
  readonly kind: "service";
  readonly persistent: boolean;
  /** `lost`: somebody has removed the adapter, and the service hangs. */
  readonly state: ServiceState;
  /** The simulated process id. */
  readonly pid: number;
  readonly failures: Failures;
  /** Why it does not run. Absent if it runs, or if somebody stopped it. */
  readonly end?: HolderEnd;
}

/** The failures of a service since the machine was started. After an hour without one, the next one counts as the first. */
export interface Failures {
  readonly count: number;
  /** The time of the last one, in milliseconds since 1970. */
  readonly lastMs: number;
}

/** The failures of a service that has not failed. */
export const NO_FAILURES: Failures = { count: 0, lastMs: 0 };

/** What a service of the machine does. */
export type ServiceState = "running" | "starting" | "stopped" | "lost";

/** A real process of this program. */
export interface ProcessHolding {
  readonly kind: "process";
  readonly role: OwnerRole;
  readonly pid: number;
  /** Names the process to the storage, which knows whether it still runs. */
  readonly process: string;
  /** Whether another process has asked it to release the adapter. */
  readonly isAsked: boolean;
}

/** The process of this program that serves an adapter. */
export interface Server {
  /** Names the handle in that process. */
  readonly handle: string;
  readonly process: string;
  readonly pid: number;
  readonly hasSession: boolean;
  /** Whether another process has asked it to end its session. */
  readonly isAsked: boolean;
}

/** An adapter as the machine knows it. A change replaces the values that it changes. */
export interface MachineAdapter {
  /** Differs from that of every other adapter, also of an earlier one with the same GUID. */
  readonly id: string;
  name: string;
  /** The name at creation. */
  createdAs: string;
  readonly type: string;
  readonly guid: string;
  readonly ifIndex: number;
  settings: Required<Settings>;
  traffic: Traffic;
  holding: Holding;
  server?: Server;
}

/** A simulated machine. */
export interface Machine {
  /** Whether the processes on it are elevated. */
  elevated: boolean;
  nextIfIndex: number;
  nextPid: number;
  adapters: MachineAdapter[];
}

/** Returns a machine without adapters. */
export function newMachine(): Machine {
  return { elevated: true, nextIfIndex: FIRST_INTERFACE_INDEX, nextPid: FIRST_PID, adapters: [] };
}

/** The properties of a new adapter. */
export interface NewAdapter {
  readonly name: string;
  readonly type: string;
  readonly guid: string;
  readonly holding: Holding;
  readonly createdAs?: string;
  readonly settings?: Required<Settings>;
}

/** Adds an adapter to the machine, and returns it. */
export function addAdapter(
  machine: Machine,
  { name, createdAs = name, settings = NEW_SETTINGS, ...chosen }: NewAdapter,
): MachineAdapter {
  const adapter: MachineAdapter = {
    ...chosen,
    name,
    createdAs,
    settings,
    id: crypto.randomUUID(),
    ifIndex: machine.nextIfIndex++,
    traffic: NO_TRAFFIC,
  };
  machine.adapters.push(adapter);
  return adapter;
}

/** Removes an adapter from the machine, and all that the machine knows of it. */
export function removeAdapter(machine: Machine, adapter: MachineAdapter): void {
  machine.adapters = machine.adapters.filter((one) => one !== adapter);
}

/**
 * Does what Windows does after the end of a process that did not clean up: it only remembers the device of an adapter that the
 * process had made.
 */
export function forgetDead(machine: Machine, isRunning: (process: string) => boolean): void {
  for (const adapter of machine.adapters) {
    const { holding, server } = adapter;
    if (holding.kind === "process" && !isRunning(holding.process)) adapter.holding = { kind: "nobody" };
    if (server !== undefined && !isRunning(server.process)) delete adapter.server;
  }
}

/** Returns the names of the processes that hold or serve adapters. */
export function processesOf({ adapters }: Machine): Set<string> {
  return new Set(adapters.flatMap(({ holding, server }) => [
    ...(holding.kind === "process" ? [holding.process] : []),
    ...(server === undefined ? [] : [server.process]),
  ]));
}

/** Whether Windows has a network interface of it. */
export function hasInterface({ holding }: MachineAdapter): boolean {
  return holding.kind === "service"
    ? holding.state === "running"
    : holding.kind !== "nobody" && holding.kind !== "legacy";
}

/** Whether it is an adapter of Wintun 0.14 that is there. */
export function isWintun(adapter: MachineAdapter): boolean {
  const { kind } = adapter.holding;
  return hasInterface(adapter) && kind !== "foreign" && kind !== "ethernet";
}

/** Whether a packet session is open on it. */
export function isUp({ holding, server }: MachineAdapter): boolean {
  return server?.hasSession === true || holding.kind === "other" && holding.hasSession;
}

/** Returns the adapter with a network interface that has the name, the GUID or the index. */
export function findInterface({ adapters }: Machine, nameOrGuid: string): MachineAdapter | undefined {
  return adapters.find((adapter) => hasInterface(adapter) && isMeant(adapter, nameOrGuid));
}

/** Returns the adapter whose service has that name or GUID in its order, and has no adapter now. */
export function findWaiting(
  { adapters }: Machine,
  { name, guid }: { readonly name: string; readonly guid: string },
  ...states: readonly ServiceState[]
): MachineAdapter | undefined {
  return adapters.find((one) =>
    one.holding.kind === "service" && states.includes(one.holding.state) &&
    (sameName(one.createdAs, name) || one.guid === guid)
  );
}

/** Returns the adapter with that GUID, in lower case and without braces. */
export function byGuid({ adapters }: Machine, guid: string): MachineAdapter | undefined {
  return adapters.find((adapter) => adapter.guid === guid);
}
