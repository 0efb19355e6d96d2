import { isMeant, sameName } from "../adapter_name.ts";
import type { HolderEnd } from "../adapter_info.ts";
import { cannot, noSuchAdapter } from "../host_error.ts";
import { newNameIsTaken, refuseBadName } from "../new_name.ts";
import { isNotThere } from "../ownership.ts";
import { NEW_SETTINGS, type Settings } from "../settings/settings.ts";
import { infoOf } from "./adapter_info.ts";
import {
  addAdapter,
  findInterface,
  hasInterface,
  type Holding,
  type Machine,
  type MachineAdapter,
  removeAdapter,
} from "./machine.ts";
import { failService, newService } from "./services.ts";

/** The tunnel types of adapters that this program has not made. */
const OTHER_TYPE = "Client";
const OUR_TYPE = "Wintun";

/** A state into which an adapter can be brought. */
interface Situation {
  /** What the adapter then is, as a sentence. */
  readonly is: string;
  /** The tunnel type of a new one. */
  readonly type: string;
  hold(machine: Machine): Holding;
}

/** The states of adapters that no other command makes, by their names. */
export const SITUATIONS = {
  starting: {
    is: "Its service is creating it, and never gets ready.",
    type: OUR_TYPE,
    hold: (machine) => newService(machine, false, "starting"),
  },
  stopped: {
    is: "It is persistent, and its service does not run.",
    type: OUR_TYPE,
    hold: (machine) => newService(machine, true, "stopped"),
  },
  lost: {
    is: "Somebody has removed it, and its service hangs.",
    type: OUR_TYPE,
    hold: (machine) => newService(machine, false, "lost"),
  },
  other: {
    is: "Another program made it, and has no session open.",
    type: OTHER_TYPE,
    hold: () => ({ kind: "other", hasSession: false }),
  },
  "other-up": {
    is: "Another program made it, and has a session open.",
    type: OTHER_TYPE,
    hold: () => ({ kind: "other", hasSession: true }),
  },
  orphaned: {
    is: "A device without a network interface, which Windows only remembers.",
    type: OUR_TYPE,
    hold: () => ({ kind: "nobody" }),
  },
  legacy: {
    is: "A device of Wintun 0.13 or older.",
    type: OTHER_TYPE,
    hold: () => ({ kind: "legacy" }),
  },
  foreign: {
    is: "A tunnel that is not Wintun's. wintun list --all shows it.",
    type: OTHER_TYPE,
    hold: () => ({ kind: "foreign" }),
  },
  ethernet: {
    is: "A network adapter that is no tunnel. wintun list never shows it.",
    type: "",
    hold: () => ({ kind: "ethernet" }),
  },
} as const satisfies Readonly<Record<string, Situation>>;

/** The name of such a state. */
export type SituationName = keyof typeof SITUATIONS;

/**
 * Brings an adapter into a state, whatever it was before, and keeps its settings. Makes it if there is none of that name.
 * @param guid The GUID of a new one.
 * @throws {HostError} `invalid` for a name that no adapter can have.
 */
export function bringInto(
  machine: Machine,
  situation: SituationName,
  { name, guid }: { readonly name: string; readonly guid: string },
): MachineAdapter {
  refuseBadName(cannot("create", name), name);
  const { type, hold }: Situation = SITUATIONS[situation];
  const before = findAny(machine, name);
  if (before !== undefined) removeAdapter(machine, before);
  const identity = before ?? { name, createdAs: name, type, guid };
  const holding = hold(machine);
  return addAdapter(machine, {
    // A service without an adapter has only the name of its order.
    name: holding.kind === "service" ? identity.createdAs : identity.name,
    createdAs: identity.createdAs,
    type: identity.type,
    guid: identity.guid,
    settings: before?.settings ?? settingsOfNew(type),
    holding,
  });
}

/** Only this program switches DNS registration off. */
function settingsOfNew(type: string): Required<Settings> {
  return { ...NEW_SETTINGS, dnsRegistration: type !== OUR_TYPE };
}

/**
 * Removes an adapter as somebody does in Device Manager. The service of a persistent one fails then, and mostly makes it again.
 * Returns what comes in the place of the adapter.
 * @param nowMs Milliseconds since 1970.
 * @param end How such a service ends.
 * @throws {HostError} `not-found`, also for an adapter that is there no more or not yet.
 */
export function removeAsOthersDo(
  machine: Machine,
  name: string,
  nowMs: number,
  end: HolderEnd,
): MachineAdapter | undefined {
  const operation = cannot("remove", name);
  const adapter = findAny(machine, name);
  if (adapter === undefined) throw noSuchAdapter(operation);
  const { holding } = adapter;
  if (holding.kind === "service") {
    if (holding.state !== "running") throw isNotThere(operation, infoOf(adapter));
    if (holding.persistent) return failService(machine, adapter, holding, nowMs, end);
  }
  removeAdapter(machine, adapter);
  return undefined;
}

/**
 * Renames an adapter as a user does in Windows.
 * @throws {HostError} `not-found` without an interface of that name, `invalid`, `exists`.
 */
export function renameAsUsersDo(machine: Machine, name: string, newName: string): MachineAdapter {
  const operation = cannot("rename", name);
  const adapter = findInterface(machine, name);
  if (adapter === undefined) throw noSuchAdapter(operation);
  refuseBadName(operation, newName);
  const taken = machine.adapters.find((one) =>
    one !== adapter && hasInterface(one) && sameName(one.name, newName)
  );
  if (taken !== undefined) throw newNameIsTaken(operation, newName);
  adapter.name = newName;
  return adapter;
}

function findAny({ adapters }: Machine, name: string): MachineAdapter | undefined {
  return adapters.find((adapter) => isMeant(adapter, name));
}
