import type { System } from "../../windows/system.ts";
import { HostError } from "../host_error.ts";

/** @throws {HostError} `not-elevated` unless this process is elevated, as all that changes adapters needs. */
export function requireElevation(system: System, operation: string): void {
  if (!system.isElevated()) throw notElevated(operation);
}

export function notElevated(operation: string, cause?: unknown): HostError {
  return new HostError("not-elevated", operation, "this needs an elevated process", {
    hint: "Run it from an administrator's prompt.",
    ...(cause === undefined ? {} : { cause }),
  });
}
