import type { LogLine } from "../../wintun/log_line.ts";
import { legacyWouldGo, removesLegacy } from "../host_error.ts";
import { deviceOf } from "./adapter_info.ts";
import type { Machine, MachineAdapter } from "./machine.ts";

/** What the user allows wintun.dll to do, and where its log goes. */
export interface LoadOptions {
  /** Whether devices of Wintun 0.13 and older may be removed. Default: `false`. */
  readonly removeLegacy?: boolean;
  /** Receives the log lines. */
  readonly log?: (line: LogLine) => void;
}

/**
 * Does what loading wintun.dll does: it removes legacy devices, and those that Windows only remembers.
 * @throws {HostError} as `legacyToRemove` does.
 */
export function loadLibrary(machine: Machine, operation: string, options: LoadOptions): void {
  const legacy = legacyToRemove(machine, operation, options);
  if (legacy.length > 0) {
    options.log?.({ level: "warning", message: removesLegacy("wintun.dll", legacy.map(deviceOf)) });
  }
  machine.adapters = machine.adapters.filter(({ holding: { kind } }) =>
    kind !== "legacy" && kind !== "nobody"
  );
}

/** Returns the legacy devices. @throws {HostError} if there are any and that is not allowed. */
export function legacyToRemove(
  { adapters }: Machine,
  operation: string,
  { removeLegacy = false }: LoadOptions,
): MachineAdapter[] {
  const legacy = adapters.filter(({ holding }) => holding.kind === "legacy");
  if (legacy.length > 0 && !removeLegacy) throw legacyWouldGo(operation, legacy.map(deviceOf));
  return legacy;
}
