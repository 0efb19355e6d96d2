import type { AdapterInfo } from "./adapter_info.ts";
import { adapterNameFault } from "./adapter_name.ts";
import type { Configured } from "./host.ts";
import { HostError } from "./host_error.ts";

/** Refuses a name that Windows allows for no adapter. @throws {HostError} `invalid`. */
export function refuseBadName(operation: string, name: string): void {
  const fault = adapterNameFault(name);
  if (fault !== undefined) throw new HostError("invalid", operation, fault);
}

/** Returns the error for a new name that is in use: a network adapter has it, or `holder` says who will take it. */
export function newNameIsTaken(
  operation: string,
  name: string,
  holder: string = "a network adapter has it",
): HostError {
  return new HostError("exists", operation, `the name "${name}" is taken: ${holder}`, {
    hint:
      "Choose another name. wintun list --all shows the names of tunnels, and Get-NetAdapter -IncludeHidden all names.",
  });
}

/**
 * Returns the name that `newName` replaces. An adapter that a user has renamed in Windows can be given that same name for good:
 * then it replaces the name at creation.
 */
export function nameBefore({ name, createdAs }: AdapterInfo, newName: string | undefined): string {
  return name === newName ? createdAs ?? name : name;
}

/** Adds the change of the name to a result of `configure`, as its first change. */
export function withNewName(configured: Configured, before: string, after: string = before): Configured {
  if (before === after) return configured;
  const change = { setting: "name", before: [before], after: [after] };
  return { ...configured, changed: true, changes: [change, ...configured.changes] };
}
