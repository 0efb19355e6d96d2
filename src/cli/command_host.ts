import { resolve } from "@std/path";
import type { Host } from "../tun/host.ts";
import type { Context } from "./command.ts";
import { flag } from "./options.ts";
import { UsageError } from "./usage_error.ts";

/** The option of commands that can be tried without a driver. */
export const SIMULATE_OPTION = {
  simulate: flag(
    "Do it on a simulated machine, in memory: to try a command on any operating system. Nothing of it is left " +
      "afterwards.",
  ),
} as const;

/** Which machine a command works on. */
export interface HostValues {
  readonly simulate: boolean;
  readonly dll: string | undefined;
}

/** The wintun.dll that was asked for, as an absolute path. */
export function dllPath({ dll }: HostValues): { readonly dll?: string } {
  return dll === undefined ? {} : { dll: resolve(dll) };
}

/** Opens the machine that a command works on; the DLL's log becomes details and warnings. */
export async function openCommandHost({ environment, output }: Context, values: HostValues): Promise<Host> {
  if (values.simulate) {
    if (values.dll !== undefined) {
      throw new UsageError("--simulate uses no driver, and --dll names one.", "Leave out one of them.");
    }
    return await environment.openSimulatedHost({});
  }
  return await environment.openHost({
    ...dllPath(values),
    log: ({ level, message }) => {
      if (level === "info") output.detail(`wintun.dll: ${message}`);
      else output.warning(`wintun.dll: ${message}`);
    },
  });
}

/** The one operand of a command. @throws {UsageError} when there is none, or more. */
export function onlyOperand(operands: readonly string[], command: string): string {
  if (operands.length === 0) {
    throw new UsageError(`${command} needs the name of an adapter.`, `Usage: wintun ${command} NAME.`);
  }
  if (operands.length === 1) return operands[0];
  throw new UsageError(
    `${command} takes one name, and is given ${operands.length}: ${operands.join(", ")}.`,
    "Put a name with spaces in quotation marks.",
  );
}
