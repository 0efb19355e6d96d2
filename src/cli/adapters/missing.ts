import { type HostError, noSuchAdapter } from "../../tun/host_error.ts";
import { flag } from "../arguments/options.ts";

/** The option of commands that accept a missing adapter. */
export const IGNORE_MISSING_OPTION = {
  "ignore-missing": flag("Accept that there is no adapter of that name. The exit code is then 0."),
} as const;

/** Returns the error for a missing adapter. Its hint names that option. */
export function missingAdapter(operation: string): HostError {
  return noSuchAdapter(operation, {
    hint: "wintun list shows the adapters. --ignore-missing accepts a missing one.",
  });
}
