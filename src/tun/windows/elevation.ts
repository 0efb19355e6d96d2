import type { System } from "../../windows/system.ts";
import { notElevated } from "../host_error.ts";

/** @throws {HostError} `not-elevated` unless this process is elevated, as all that changes adapters needs. */
export function requireElevation(system: System, operation: string): void {
  if (!system.isElevated()) throw notElevated(operation);
}
