import type { System } from "../../windows/system.ts";
import { notElevated } from "../host_error.ts";

/**
 * Refuses a process that is not elevated. Everything that changes adapters needs elevation.
 * @throws {HostError} `not-elevated`.
 */
export function requireElevation(system: System, operation: string): void {
  if (!system.isElevated()) throw notElevated(operation);
}
