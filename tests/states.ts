/**
 * What every command does to an adapter in every state: its exit code, and what has become of the adapter. The tests of the
 * Windows tier and of the simulated machine run it, and `wintun help adapters` is compared with it.
 */

import type { AdapterInfo } from "../src/tun/adapter_info.ts";

/**
 * What has become of the adapter:
 *
 * - `same`: it is as it was, or there is still none.
 * - `changed`: its settings are others.
 * - `made`: there is a new one, which stays.
 * - `ended`: nobody serves it any more.
 * - `gone`: it is no more.
 */
export type Effect = "same" | "changed" | "made" | "ended" | "gone";

/** An exit code and an effect. */
export type Cell = `${number} ${Effect}`;

const SHORTLY = ["--duration", "0.1"];

/** The arguments of each command for an adapter, with an address that it has not. What each sets is of its own, so that each changes something. */
export const COMMANDS = {
  "create": (name: string) => ["create", name],
  "create --if-not-exists": (name: string) => ["create", name, "--if-not-exists"],
  "set": (name: string) => ["set", name, "--mtu", "1400"],
  "set --force": (name: string) => ["set", name, "--mtu", "1300", "--force"],
  // Another name to a program, and the same to Windows, so that the next command finds the adapter. The name of a legacy device is
  // its instance ID, which has backslashes; a name may have none.
  "set --name": (name: string) => ["set", name, "--name", name.toUpperCase().replaceAll("\\", "")],
  "delete": (name: string) => ["delete", name],
  "delete --force": (name: string) => ["delete", name, "--force"],
  "serve": (name: string) => ["serve", name, ...SHORTLY],
  "serve --address": (name: string, address: string) => ["serve", name, "--address", address, ...SHORTLY],
  "serve --force": (name: string) => ["serve", name, ...SHORTLY, "--force"],
  "stop": (name: string) => ["stop", name],
  "list": (name: string) => ["list", name],
} as const satisfies Record<string, (name: string, address: string) => readonly string[]>;

export type CommandName = keyof typeof COMMANDS;

type Row = Readonly<Partial<Record<CommandName, Cell>>>;

const KEPT = {
  "create": "5 same",
  "create --if-not-exists": "0 same",
  "set": "0 changed",
  "set --name": "0 changed",
  "set --force": "0 changed",
  "delete": "0 gone",
  "delete --force": "0 gone",
  "serve": "0 same",
  "serve --address": "0 changed",
  "serve --force": "0 same",
  "stop": "0 same",
  "list": "0 same",
} as const satisfies Row;

const REFUSED_TO_SERVE = {
  "serve": "8 same",
  "serve --address": "8 same",
  "serve --force": "8 same",
} as const satisfies Row;

const OTHER = {
  "create": "5 same",
  "create --if-not-exists": "5 same",
  "set": "1 same",
  "set --name": "1 same",
  "set --force": "0 changed",
  "delete": "1 same",
  "delete --force": "0 gone",
  "serve": "1 same",
  "serve --address": "1 same",
  "list": "0 same",
} as const satisfies Row;

const NOT_THERE = {
  "set": "4 same",
  "set --name": "4 same",
  "set --force": "4 same",
  "serve": "4 same",
  "serve --force": "4 same",
} as const satisfies Row;

/** For each state, what each command does. */
export const STATES = {
  /** There is no adapter of that name. */
  "absent": {
    ...NOT_THERE,
    "create": "0 made",
    "create --if-not-exists": "0 made",
    "delete": "4 same",
    "delete --force": "4 same",
    // The adapter is made for this run and removed after it.
    "serve --address": "0 same",
    "stop": "4 same",
    "list": "4 same",
  },
  /** A service holds it. */
  "kept": KEPT,
  /** A service holds it that starts with Windows. */
  "persistent": KEPT,
  /** A service holds it, and a serve serves it. */
  "kept and served": { ...KEPT, ...REFUSED_TO_SERVE, "stop": "0 ended" },
  /** A serve made it for itself. */
  "made by serve": {
    ...KEPT,
    ...REFUSED_TO_SERVE,
    "create --if-not-exists": "5 same",
    "stop": "0 gone",
  },
  /** Its service is creating it, and takes long. create --if-not-exists gives up the wait. */
  "starting": {
    ...NOT_THERE,
    "create": "5 same",
    "create --if-not-exists": "9 same",
    "serve --address": "4 same",
    "delete": "0 gone",
    "delete --force": "0 gone",
    "stop": "0 same",
    "list": "0 same",
  },
  /** It is persistent, and its service does not run. */
  "stopped": {
    ...NOT_THERE,
    "create": "5 same",
    "create --if-not-exists": "0 made",
    "set": "0 changed",
    "set --name": "0 changed",
    "set --force": "0 changed",
    "serve --address": "4 same",
    "delete": "0 gone",
    "delete --force": "0 gone",
    "stop": "0 same",
    "list": "0 same",
  },
  /**
   * Somebody has removed it, and its service hangs: without that it ends before anybody sees it. create waits 10 s for the
   * service; create --if-not-exists and serve --address would do so too, and are left out to save the time.
   */
  "lost": {
    ...NOT_THERE,
    "create": "9 same",
    "delete": "9 same",
    "delete --force": "0 gone",
    "stop": "0 same",
    "list": "0 same",
  },
  /** A service holds it. Windows has given it another name, by which it is called here. */
  "renamed": KEPT,
  /** The same, called by the name that it was created with. */
  "renamed, by its old name": KEPT,
  /** Another program made it, and has a session open. */
  "another program's, up": { ...OTHER, "serve --force": "8 same", "stop": "1 same" },
  /** Another program made it, and has no session. */
  "another program's, down": { ...OTHER, "serve --force": "0 same", "stop": "0 same" },
  /** A device that Windows only remembers, with the GUID that create gives an adapter of that name. */
  "orphaned": {
    ...NOT_THERE,
    "create": "0 made",
    "create --if-not-exists": "0 made",
    "delete": "1 same",
    "delete --force": "0 gone",
    "serve --address": "0 gone",
    "stop": "4 same",
    "list": "0 same",
  },
  /** A device of Wintun 0.13 without a network interface. create and serve are given a name that is free. */
  "legacy": {
    ...NOT_THERE,
    "create": "1 same",
    "create --if-not-exists": "1 same",
    "delete": "1 same",
    "delete --force": "0 gone",
    "serve --address": "1 same",
    "stop": "4 same",
    "list": "0 same",
  },
  /** A network adapter of another kind. */
  "not Wintun's": {
    "create": "5 same",
    "create --if-not-exists": "5 same",
    "set": "1 same",
    "set --name": "1 same",
    "set --force": "1 same",
    "delete": "1 same",
    "delete --force": "1 same",
    "serve": "5 same",
    "serve --address": "5 same",
    "serve --force": "5 same",
    "stop": "1 same",
    "list": "4 same",
  },
} as const satisfies Readonly<Record<string, Row>>;

export type State = keyof typeof STATES;

/** The commands of a state with what they do, those that leave the adapter in the state first. */
export function cellsOf(state: State): [command: CommandName, cell: Cell][] {
  const cells = Object.entries(STATES[state]) as [CommandName, Cell][];
  const spoils = ([, cell]: [CommandName, Cell]): number => /same|changed/.test(cell) ? 0 : 1;
  return cells.sort((a, b) => spoils(a) - spoils(b));
}

/** What has become of an adapter, by how the machine showed it before and shows it now. */
export function effectOf(before: AdapterInfo | undefined, after: AdapterInfo | undefined): Effect {
  if (after === undefined) return before === undefined ? "same" : "gone";
  if (before === undefined || before.owner?.pid !== after.owner?.pid) return "made";
  if (before.session !== undefined && after.session === undefined) return "ended";
  return Deno.inspect(withoutWindowsOwn(before)) === Deno.inspect(withoutWindowsOwn(after))
    ? "same"
    : "changed";
}

/** Returns an adapter without what Windows itself changes at any time: it sends packets, and identifies the network. */
export function withoutWindowsOwn({ details, ...info }: AdapterInfo): unknown {
  return { ...info, details: { ...details, traffic: undefined, category: undefined } };
}
