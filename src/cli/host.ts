import { resolve } from "@std/path";
import type { Host } from "../tun/host.ts";
import type { SimulatedHostOptions } from "../tun/simulated/host.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import type { LogLine } from "../wintun/log_line.ts";
import { formatCidr } from "../wire/cidr.ts";
import { flag } from "./arguments/options.ts";
import { UsageError } from "./arguments/usage_error.ts";
import type { Choice, Context } from "./command.ts";
import type { Output } from "./process/output.ts";

/** The option of commands that work on a simulated machine too. */
export const SIMULATE_OPTION = {
  simulate: flag(
    "Use a simulated machine in memory. Works on any operating system, without a driver and an administrator. The " +
      "machine has no adapters at first, and ends with the command.",
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
  readonly simulate: boolean;
  readonly dll: string | undefined;
  readonly "trust-dll": boolean;
  /** Absent for commands that do not load wintun.dll. */
  readonly "remove-legacy"?: boolean;
}

/** The host that a command works on: this machine or a simulated one. */
export interface HostChoice {
  readonly simulate: boolean;
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
  if (dll === undefined) {
    if (isTrusted) throw new UsageError("--trust-dll needs --dll.", "Add --dll PATH.");
    return { simulate, removeLegacy };
  }
  if (simulate) {
    throw new UsageError("--simulate uses no driver, so --dll has no use.", "Leave out one of them.");
  }
  return { simulate, dll: { path: resolve(dll), isTrusted }, removeLegacy };
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
  { environment, output }: Context,
  { simulate, dll, removeLegacy }: HostChoice,
  simulated: SimulatedHostOptions = {},
): Promise<Host> {
  if (simulate) return environment.openSimulatedHost(simulated);
  return await environment.openHost({
    ...(dll === undefined ? {} : { dll }),
    removeLegacy,
    log: (line) => writeLog(output, line),
  });
}

/**
 * Returns the names of this machine's adapters, for completion, with their states and addresses.
 * @throws {HostError} as `Environment.openHost`.
 */
export async function adapterNames(context: Context): Promise<Choice[]> {
  await using host = await openChosenHost(context, { simulate: false, removeLegacy: false });
  return (await host.list()).map(({ name, state, addresses }) => ({
    text: name,
    help: ["Adapter", state, ...addresses.map(formatCidr)].join(" "),
  }));
}

/** Writes a log line of a host, as a detail or as a warning. */
export function writeLog(output: Output, { level, message }: LogLine): void {
  if (level === "info") output.detail(message);
  else output.warning(message);
}
