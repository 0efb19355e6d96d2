import { resolve } from "@std/path";
import type { Host } from "../tun/host.ts";
import type { SimulatedHost, SimulatedHostOptions } from "../tun/simulated/host.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import type { LogLine } from "../wintun/log_line.ts";
import { formatCidr } from "../wire/cidr.ts";
import { flag, optional, optionName } from "./arguments/options.ts";
import { UsageError } from "./arguments/usage_error.ts";
import type { Choice, Context } from "./command.ts";
import type { Output } from "./process/output.ts";
import { IN_MEMORY, type SimulatedPlace } from "./process/simulated_place.ts";

/** The option of commands that work on a simulated machine too. */
export const SIMULATE_OPTION = {
  simulate: optional(
    "FILE",
    (text) => text,
    "Use the simulated machine in FILE. Works on any operating system, without a driver and an administrator. A file " +
      `that does not exist is a machine without adapters, and ${IN_MEMORY} is one that ends with the command. Default: a ` +
      "file in the user's own folder. wintun help simulate explains more.",
  ),
} as const;

/** The option of commands that load wintun.dll. */
export const REMOVE_LEGACY_OPTION = {
  "remove-legacy": flag(
    "Allow wintun.dll to remove old Wintun devices. When it is loaded, it removes the devices of Wintun 0.13 and older, " +
      "and VPN programs that use them stop working. Default: do not load it if there are such devices. wintun list --all " +
      "shows them.",
  ),
} as const;

/** The options that choose the host that a command works on. */
export interface HostValues {
  readonly simulate: SimulatedPlace | undefined;
  readonly dll: string | undefined;
  readonly "trust-dll": boolean;
  /** Absent for commands that do not load wintun.dll. */
  readonly "remove-legacy"?: boolean;
}

/** The host that a command works on: this machine or a simulated one. */
export interface HostChoice {
  /** The simulated machine; absent: this machine. */
  readonly simulate?: SimulatedPlace;
  /** Absent: wintun.dll is looked for. */
  readonly dll?: ChosenDll;
  /** Whether wintun.dll may remove the devices of Wintun 0.13 and older. */
  readonly removeLegacy: boolean;
}

/**
 * Reads the choice of a host from the options.
 * @throws {UsageError} if the options do not fit together.
 */
export function readHostChoice(values: HostValues): HostChoice {
  const { dll, simulate, "trust-dll": isTrusted, "remove-legacy": removeLegacy = false } = values;
  if (dll === undefined && isTrusted) throw new UsageError("--trust-dll needs --dll.", "Add --dll PATH.");
  if (dll !== undefined && simulate !== undefined) {
    throw new UsageError(
      "A simulated machine uses no driver, so --dll has no effect.",
      "Leave out --dll, or use this machine: without --simulate and WINTUN_SIMULATE.",
    );
  }
  return {
    ...(simulate === undefined ? {} : { simulate }),
    ...(dll === undefined ? {} : { dll: { path: resolve(dll), isTrusted } }),
    removeLegacy,
  };
}

/** Returns the values of a command's options. If the command has --simulate and it is not given, its value is `simulated`. */
export function withSimulated<V extends Readonly<Record<string, unknown>>>(
  values: V,
  simulated: SimulatedPlace | undefined,
): V {
  const isOpen = "simulate" in values && values.simulate === undefined;
  return isOpen ? { ...values, simulate: simulated } : values;
}

/**
 * Opens the host that the options choose. The caller owns it.
 * @throws {UsageError} as `readHostChoice`.
 * @throws {HostError} as `Environment.openHost`.
 */
export async function openCommandHost(context: Context, values: HostValues): Promise<Host> {
  return await openChosenHost(context, readHostChoice(values));
}

/**
 * Opens a host that is chosen already. The caller owns it.
 * @throws {HostError} as `Environment.openHost`.
 */
export async function openChosenHost(
  context: Context,
  choice: HostChoice,
  simulated: SimulatedHostOptions = {},
): Promise<Host> {
  const { environment, output } = context;
  const { simulate, dll, removeLegacy } = choice;
  if (simulate !== undefined) return openSimulated(context, simulate, { ...simulated, removeLegacy });
  return await environment.openHost({
    ...(dll === undefined ? {} : { dll }),
    removeLegacy,
    log: (line) => writeLog(output, line),
  });
}

/**
 * Opens a simulated machine, and tells the user that it is one. The caller owns it.
 * @throws {HostError} as `Environment.openSimulatedHost`.
 */
export function openSimulated(
  { environment, output }: Context,
  place: SimulatedPlace,
  options: SimulatedHostOptions = {},
): SimulatedHost {
  output.markSimulated();
  const host = environment.openSimulatedHost(place, { ...options, log: (line) => writeLog(output, line) });
  output.note(`This machine is simulated, ${host.storage.place}.`);
  return host;
}

/** Returns the simulated machine that a command line chooses while it is typed, or else the user's environment. */
export function simulatedPlaceOf(
  { environment }: Context,
  words: readonly string[],
): SimulatedPlace | undefined {
  const chosen = words.findLast((word) => optionName(word, SIMULATE_OPTION) !== undefined);
  return chosen === undefined ? environment.simulated : chosen.slice("--simulate=".length) || true;
}

/**
 * Returns the names of the machine's adapters, for completion, with their states and addresses.
 * @param given The words behind the command.
 * @throws {HostError} as `Environment.openHost`.
 */
export async function adapterNames(context: Context, given: readonly string[]): Promise<Choice[]> {
  const choice = { simulate: simulatedPlaceOf(context, given), dll: undefined, "trust-dll": false };
  await using host = await openCommandHost(context, choice);
  return (await host.list({ details: false })).map(({ name, state, addresses }) => ({
    text: name,
    help: ["Adapter", state, ...addresses.map(formatCidr)].join(" "),
  }));
}

/** Writes a log line of a host, as a detail or as a warning. */
export function writeLog(output: Output, { level, message }: LogLine): void {
  if (level === "info") output.detail(message);
  else output.warning(message);
}
