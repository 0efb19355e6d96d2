import { resolve } from "@std/path";
import type { Host } from "../tun/host.ts";
import type { SimulatedHostOptions } from "../tun/simulated/host.ts";
import type { ChosenDll } from "../wintun/locate.ts";
import type { Context } from "./command.ts";
import { flag } from "./arguments/options.ts";
import type { Output } from "./process/output.ts";
import { UsageError } from "./arguments/usage_error.ts";
import type { LogLine } from "../wintun/log_line.ts";

/** The option of commands that can be tried without a driver. */
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

/** The options that decide which machine a command works on. */
export interface HostValues {
  readonly simulate: boolean;
  readonly dll: string | undefined;
  readonly "trust-dll": boolean;
  /** Absent for commands that do not load wintun.dll. */
  readonly "remove-legacy"?: boolean;
}

/** Returns the wintun.dll that --dll names. @throws {UsageError} when the options do not fit together. */
export function chosenDll(values: HostValues): { readonly dll?: ChosenDll } {
  const { dll, simulate, "trust-dll": isTrusted } = values;
  if (dll === undefined) {
    if (isTrusted) throw new UsageError("--trust-dll needs --dll.", "Add --dll PATH.");
    return {};
  }
  if (simulate) {
    throw new UsageError("--simulate uses no driver, so --dll has no use.", "Leave out one of them.");
  }
  return { dll: { path: resolve(dll), isTrusted } };
}

/** Opens the machine that a command works on. @throws as `Environment.openHost`; {UsageError} as `chosenDll`. */
export async function openCommandHost(context: Context, values: HostValues): Promise<Host> {
  return await openChosenHost(context, {
    ...chosenDll(values),
    simulate: values.simulate,
    removeLegacy: values["remove-legacy"] ?? false,
  });
}

/** Returns the names of the adapters of this machine, for completion. */
export async function adapterNames({ environment, output }: Context): Promise<string[]> {
  await using host = await environment.openHost({
    removeLegacy: false,
    log: (line) => writeLog(output, line),
  });
  return (await host.list()).map(({ name }) => name);
}

/** Which machine to open, and how. */
export interface HostChoice {
  readonly simulate: boolean;
  readonly dll?: ChosenDll;
  readonly removeLegacy: boolean;
}

/** Opens this machine or a simulated one. */
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

/** Writes a log line as a detail or a warning. */
export function writeLog(output: Output, { level, message }: LogLine): void {
  if (level === "info") output.detail(message);
  else output.warning(message);
}

/** Returns the only operand of a command. @throws {UsageError} when there is none, or more than one. */
export function onlyOperand(operands: readonly string[], command: string): string {
  if (operands.length === 0) {
    throw new UsageError(`${command} needs the name of an adapter.`, `Usage: wintun ${command} NAME.`);
  }
  if (operands.length === 1) return operands[0];
  throw new UsageError(
    `${command} takes one name, but ${operands.length} are given: ${operands.join(", ")}.`,
    "Put a name with spaces in quotation marks, and give an option once for each of its values.",
  );
}
