import { sameName } from "../adapter_name.ts";
import { deriveGuid } from "../derived_guid.ts";
import type { AdapterRequest } from "../host.ts";
import { refuseBadName } from "../new_name.ts";
import { guidIsTaken, nameIsTaken } from "../ownership.ts";
import { requestedGuid } from "../requested_guid.ts";
import { infoOf } from "./adapter_info.ts";
import { findInterface, findWaiting, hasInterface, type Machine } from "./machine.ts";

/** All simulated machines have the same GUID, so that derived GUIDs are the same everywhere. */
const MACHINE_GUID = "5e1a7ed0-c0de-4c0d-8e0d-51b0a7edadaf";

/** Returns the GUID that every simulated machine gives an adapter of that name. */
export async function simulatedGuid(name: string): Promise<string> {
  return await deriveGuid(MACHINE_GUID, name);
}

/** Returns the GUID that a new adapter gets. @throws {HostError} `invalid` for the name or the GUID. */
export async function permittedGuid(request: AdapterRequest, operation: string): Promise<string> {
  refuseBadName(operation, request.name);
  return requestedGuid(request, operation) ?? await simulatedGuid(request.name);
}

/** Refuses a name or GUID that is in use. @throws {HostError} `exists` if another adapter has the name or the GUID. */
export function refuseTaken(
  machine: Machine,
  request: AdapterRequest,
  guid: string,
  operation: string,
): void {
  const { name } = request;
  const named = findInterface(machine, name);
  if (named !== undefined) throw nameIsTaken(operation, infoOf(named));
  const waiting = findWaiting(machine, { name, guid }, "starting", "stopped");
  if (waiting !== undefined && sameName(waiting.createdAs, name)) {
    throw nameIsTaken(operation, infoOf(waiting));
  }
  const holder = waiting ?? machine.adapters.find((one) => one.guid === guid && hasInterface(one));
  if (holder !== undefined) throw guidIsTaken(operation, guid, request, infoOf(holder));
}
