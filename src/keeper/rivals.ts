import type { AdapterInfo } from "../tun/adapter_info.ts";
import { sameName } from "../tun/adapter_name.ts";
import { HostError } from "../tun/host_error.ts";
import { nameIsTaken } from "../tun/ownership.ts";
import { serviceName } from "../tun/service_name.ts";
import type { AdapterService } from "../tun/windows/adapter_services.ts";
import type { Holders } from "../tun/windows/holders.ts";
import { findWithOwner } from "../tun/windows/inventory.ts";
import type { System } from "../windows/system.ts";

/** The adapter that somebody wants to create. */
interface Wanted {
  readonly name: string;
  readonly guid: string;
}

/** A service that was made for an adapter with the name or GUID of another, and its adapter if it is there. */
interface Rival {
  readonly service: AdapterService;
  readonly info: AdapterInfo | undefined;
}

/**
 * Returns whether the adapter of every service that was made for that name has another name by now, and will not get the old one
 * back. The name is then free, though the services have it in their display names.
 * @throws {Win32Error}
 */
export function isNameShared(system: System, holders: Holders, wanted: Wanted): boolean {
  return rivalsOf(system, holders, wanted).every(({ service, info }) =>
    service.state === "running" && !service.persistent && info !== undefined &&
    !sameName(info.name, wanted.name)
  );
}

/** Returns the error for a name or GUID that a service of another process has. @throws {Win32Error} */
export function takenByRival(
  system: System,
  holders: Holders,
  wanted: Wanted,
  operation: string,
): HostError {
  const [rival] = rivalsOf(system, holders, wanted);
  if (rival?.info !== undefined) return nameIsTaken(operation, rival.info);
  if (holders.services.isOthers(wanted.guid)) {
    const reason = `another program has a service called ${serviceName(wanted.guid)}`;
    return new HostError("exists", operation, reason, { hint: "Give the adapter another GUID with --guid." });
  }
  const reason = "another process is creating an adapter of this name or GUID";
  return new HostError("exists", operation, reason, { hint: "Try again later, or choose another name." });
}

function rivalsOf(system: System, holders: Holders, wanted: Wanted): Rival[] {
  return holders.services.list()
    .filter(({ guid, name }) => guid === wanted.guid || sameName(name, wanted.name))
    .map((service) => ({ service, info: findWithOwner(system, holders, service.guid, false) }));
}
