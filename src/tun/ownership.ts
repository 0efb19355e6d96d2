import type { AdapterInfo } from "./adapter_info.ts";
import { isMeant, sameName } from "./adapter_name.ts";
import type { AdapterRequest, Permission } from "./host.ts";
import { HostError, startHint } from "./host_error.ts";

/**
 * The kind of owner that an adapter has, or had before the owner died.
 *
 * - `kept`: a process of this program holds the adapter and does nothing else. It stays until somebody deletes it.
 * - `served`: a process of this program made the adapter in order to serve it. Windows removes it when that process ends.
 * - `other`: another program made it, with Wintun 0.14 or an older Wintun.
 * - `nobody`: a device without a network interface, which no process of this program holds.
 * - `not-wintun`: a network adapter that is not Wintun's.
 */
export type OwnerKind = "kept" | "served" | "other" | "nobody" | "not-wintun";

/** Returns the kind of owner that the adapter has. */
export function ownerKind({ state, owner }: AdapterInfo): OwnerKind {
  if (state === "foreign") return "not-wintun";
  if (owner?.ours) return owner.role === "keeper" ? "kept" : "served";
  return state === "orphaned" ? "nobody" : "other";
}

/** Returns whether this program made the adapter, with whichever command. */
export function isOurs(info: AdapterInfo): boolean {
  const kind = ownerKind(info);
  return kind === "kept" || kind === "served";
}

/**
 * Returns the adapter with that name, GUID or `ifIndex:7`. If there is none, returns the adapter of this program that was created with that
 * name and renamed since. If there is none either, returns the orphaned device with that name or GUID.
 */
export function findNamed(adapters: readonly AdapterInfo[], nameOrGuid: string): AdapterInfo | undefined {
  const named = adapters.filter((info) => isMeant(info, nameOrGuid));
  return named.find(({ state }) => state !== "orphaned") ??
    adapters.find((info) => isOurs(info) && wasCreatedAs(info, nameOrGuid)) ?? named[0];
}

/** Returns whether the adapter was created with that name, and has another one now. */
function wasCreatedAs({ createdAs }: AdapterInfo, name: string): boolean {
  return createdAs !== undefined && sameName(createdAs, name);
}

/**
 * Refuses to change an adapter that this program did not make, unless `force` allows it. An adapter that is not Wintun's is
 * refused always.
 * @throws {HostError} `failed`.
 */
export function refuseOthers(operation: string, info: AdapterInfo, { force = false }: Permission = {}): void {
  const kind = ownerKind(info);
  if (kind === "not-wintun") {
    throw new HostError("failed", operation, "it is a network adapter, but not a Wintun adapter");
  }
  if (force) return;
  if (kind === "nobody") {
    throw new HostError("failed", operation, "it is a device without a network interface", {
      hint: "Use --force to remove it.",
    });
  }
  if (kind !== "other") return;
  throw new HostError("failed", operation, `another program made it, ${purposeOf(info)}`, {
    hint: "End that program, or use --force: its connections may break then.",
  });
}

/**
 * Returns the error `not-found` for an adapter that is listed, and that has no network interface now.
 * @param info An adapter that is `starting`, `stopped`, `lost` or `orphaned`.
 */
export function isNotThere(operation: string, { name, state, end }: AdapterInfo): HostError {
  const hints: Partial<Record<AdapterInfo["state"], string>> = {
    starting: `wintun create "${name}" --if-not-exists waits until it is ready.`,
    stopped: startHint(name),
    lost: "Somebody has removed it. wintun create makes it again, and wintun delete removes what is left.",
  };
  const reason = end === undefined ? `it is ${state}` : `it is ${state}: ${end.reason}`;
  return new HostError("not-found", operation, reason, {
    hint: hints[state] ?? "wintun list --all shows all adapters.",
  });
}

/**
 * Returns the error for a name that is in use.
 * @param holder The adapter that has the name; absent if it is not Wintun's.
 */
export function nameIsTaken(operation: string, holder?: AdapterInfo): HostError {
  const inUse = holder?.state === "stopped"
    ? "a persistent adapter has this name, and its service does not run"
    : holder?.state === "starting"
    ? "a service is creating an adapter of this name"
    : "a network adapter has this name";
  switch (holder === undefined ? "not-wintun" : ownerKind(holder)) {
    case "kept":
      return new HostError("exists", operation, inUse, {
        hint: "Accept that adapter with --if-not-exists, delete it first, or choose another name.",
      });
    case "served":
      return new HostError(
        "exists",
        operation,
        `process ${
          holder!.owner!.pid
        } made the adapter of this name for itself, and Windows removes it when that process ends`,
        { hint: `End it with wintun stop "${holder!.name}" first, or choose another name.` },
      );
    case "other":
      return new HostError(
        "exists",
        operation,
        `another program made the adapter of this name, ${purposeOf(holder!)}`,
        { hint: "End that program first, or choose another name." },
      );
    default:
      return new HostError("exists", operation, inUse, { hint: "Choose another name." });
  }
}

/**
 * Returns the error for a GUID that is in use.
 * @param request The adapter that was asked for. Without a GUID in it, the GUID follows from its name.
 * @param holder The adapter or device that has the GUID; absent if it is not known.
 */
export function guidIsTaken(
  operation: string,
  guid: string,
  request: Pick<AdapterRequest, "name" | "guid">,
  holder?: AdapterInfo,
): HostError {
  if (holder === undefined) {
    return new HostError("exists", operation, `an adapter has the GUID ${guid}`, {
      hint: "Choose another GUID, or delete that adapter first.",
    });
  }
  const kind = ownerKind(holder);
  if (kind === "nobody") {
    return new HostError("exists", operation, `a device without a network interface has the GUID ${guid}`, {
      hint: `wintun delete ${guid} --force removes it.`,
    });
  }
  const { name } = request;
  const backOrGone =
    `rename it back with wintun set "${holder.name}" --name "${name}", or delete it with wintun delete "${holder.name}"`;
  if (kind === "kept" && wasCreatedAs(holder, name)) {
    return new HostError("exists", operation, `adapter ${fullName(holder)} has the GUID ${guid}`, {
      hint: `Accept it with --if-not-exists, ${backOrGone}.`,
    });
  }
  const follows = request.guid === undefined ? `, which follows from the name "${name}"` : "";
  return new HostError("exists", operation, `adapter ${fullName(holder)} has the GUID ${guid}${follows}`, {
    hint: request.guid === undefined
      ? `Give the new adapter another GUID with --guid. If the other one was created with this name, ${backOrGone}.`
      : "Choose another GUID, or delete that adapter first.",
  });
}

/** Returns an adapter's name in quotation marks, followed by the name at creation if it was renamed since. */
function fullName({ name, createdAs }: AdapterInfo): string {
  return createdAs === undefined ? `"${name}"` : `"${name}", created as "${createdAs}",`;
}

function purposeOf({ state, type }: AdapterInfo): string {
  return state === "legacy" ? "with Wintun 0.13 or older" : `with tunnel type "${type}"`;
}
