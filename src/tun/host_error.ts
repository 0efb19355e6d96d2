import { type Cidr, formatCidr } from "../wire/cidr.ts";

/** Kinds of failures of a host. Each kind has a separate exit code (src/cli/process/exit_codes.ts). */
export type HostErrorKind =
  | "failed"
  | "invalid"
  | "not-elevated"
  | "not-found"
  | "exists"
  | "library"
  | "platform"
  | "busy"
  | "timeout"
  | "removed";

/** The optional parts of an error. */
export interface HostErrorDetails {
  /** The advice for the user, as a sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error with everything that a user needs to act on it. Its message is the operation, a colon and the reason. */
export class HostError extends Error {
  override readonly name = "HostError";
  readonly kind: HostErrorKind;
  /** The operation that failed, as the start of a sentence: `Cannot create adapter "lab"`. */
  readonly operation: string;
  /** The reason, as the end of that sentence, without a full stop. */
  readonly reason: string;
  /** The advice for the user, as a sentence; empty if there is none. */
  readonly hint: string;

  constructor(
    kind: HostErrorKind,
    operation: string,
    reason: string,
    { hint = "", cause }: HostErrorDetails = {},
  ) {
    super(`${operation}: ${reason}`, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.operation = operation;
    this.reason = reason;
    this.hint = hint;
  }
}

/** What can be done with an adapter, as errors name it. */
type AdapterVerb = "configure" | "create" | "delete" | "open" | "remove" | "rename" | "serve";

/** Returns the operation of an error about one adapter, as the start of a sentence: `Cannot create adapter "lab"`. */
export function cannot(verb: AdapterVerb, name: string): string {
  return `Cannot ${verb} adapter "${name}"`;
}

/** The advice for a user whose process is not elevated. */
export const ELEVATION_HINT = "Run it from an administrator's prompt.";

/** Returns what can be done with a persistent adapter that is stopped, as advice for the user. */
export function startHint(name: string): string {
  return `wintun create "${name}" --if-not-exists starts it, and wintun delete removes it.`;
}

// Errors that several places report. Each has the same text on a simulated machine and on Windows.

/** Returns the error `not-elevated`: the operation changes the machine, which only an elevated process may do. */
export function notElevated(operation: string, cause?: unknown): HostError {
  return new HostError("not-elevated", operation, "this process is not elevated", {
    hint: ELEVATION_HINT,
    cause,
  });
}

/** Returns the error `not-found`: no adapter has the name or GUID. */
export function noSuchAdapter(
  operation: string,
  { hint = "wintun list shows the adapters.", cause }: HostErrorDetails = {},
): HostError {
  return new HostError("not-found", operation, "there is no such adapter", { hint, cause });
}

/**
 * Returns the error `failed`: another interface has an address.
 * @param holder The name of that interface; absent if it is not known.
 */
export function addressIsTaken(operation: string, cidr: Cidr, holder?: string): HostError {
  const other = holder === undefined ? "another interface" : `another interface, "${holder}",`;
  return new HostError("failed", operation, `${other} has the address ${formatCidr(cidr)}`, {
    hint: "Choose another address, or remove it from the other interface first.",
  });
}

/** Returns the error `failed`: another program holds the adapter, and would not remove the rules of --dns-for with it. */
export function rulesWouldStay(operation: string): HostError {
  const reason =
    "--dns-for writes rules of the machine, and another program holds the adapter: nothing would remove them with it";
  return new HostError("failed", operation, reason, {
    hint: "Leave out --dns-for, or set the servers with --dns.",
  });
}

/** Returns the error `failed`: another program holds the adapter, and it has no network now that could get a category. */
export function networkNotIdentified(operation: string): HostError {
  return new HostError("failed", operation, "Windows has not identified its network yet", {
    hint:
      "Repeat the command when the adapter is connected: wintun does not hold it, and cannot set the category later.",
  });
}

/** Returns the error `busy`: the adapter called `name` has its one session already. */
export function sessionIsOpen(name: string, cause?: unknown): HostError {
  return new HostError("busy", cannot("serve", name), "it has an open session already", {
    hint:
      `An adapter has one session at a time. End the program that has it, or use another adapter. wintun stop "${name}" ends ` +
      "a wintun serve.",
    cause,
  });
}

/** Returns the error `removed`: somebody else has removed the adapter that is in use. */
export function adapterRemoved(operation: string): HostError {
  return new HostError("removed", operation, "it was removed");
}

/** Returns the error `timeout`: process `pid` was asked to release the adapter, and still holds it. */
export function stillHeld(operation: string, holder: string): HostError {
  return new HostError("timeout", operation, `${holder} was asked to release it, but still holds it`, {
    hint: "Try again, or use --force to remove the adapter anyway.",
  });
}

/** Returns the error `failed`: no process of this program can be asked to release the adapter. */
export function heldByNobody(operation: string): HostError {
  return new HostError("failed", operation, "no process of this program holds it", {
    hint: "Repeat the command: Windows may be removing it.",
  });
}

/**
 * Returns the error `timeout`: what holds an adapter of that name and has lost it was asked to end, and has not.
 * @param holder The holder, as the start of a sentence.
 */
export function lostHolderStays(operation: string, holder: string, name: string): HostError {
  return new HostError(
    "timeout",
    operation,
    `${holder} has lost the adapter that it held, was asked to end, and has not`,
    { hint: `wintun delete "${name}" --force gives up on that process.` },
  );
}

/** Returns the error `timeout`: the service of an adapter was not ready in time. */
export function notReadyInTime(operation: string, timeoutMs: number): HostError {
  return new HostError("timeout", operation, `it was not ready after ${timeoutMs / 1000} seconds`, {
    hint: "Allow more time with --timeout.",
  });
}

/** Returns the error `removed`: somebody has deleted the adapter while it was being made or started. */
export function deletedMeanwhile(operation: string): HostError {
  return new HostError("removed", operation, "it was deleted meanwhile");
}

/** Returns the error `failed`: loading wintun.dll would remove these devices. @param ids Their instance ids. */
export function legacyWouldGo(operation: string, ids: readonly string[]): HostError {
  return new HostError(
    "failed",
    operation,
    `this machine has devices of Wintun 0.13 or older (${ids.join(", ")}), which wintun.dll would remove`,
    {
      hint:
        "A VPN program may need them. Update or remove that program first, or allow their removal with --remove-legacy.",
    },
  );
}

/** Returns the warning that loading a DLL removes these devices, as a sentence. @param ids Their instance ids. */
export function removesLegacy(dll: string, ids: readonly string[]): string {
  return `Loading ${dll} removes devices of Wintun 0.13 or older: ${ids.join(", ")}.`;
}

/** Returns the operation of the errors of `Host.stopSession`, as the start of a sentence. */
export function cannotStopServing(name: string): string {
  return `Cannot stop the serving of adapter "${name}"`;
}

/** Returns the error `failed`: a process of another program has the adapter's session. */
export function servedByOther(operation: string): HostError {
  return new HostError("failed", operation, "another program has the session that is open on it", {
    hint: "End that program.",
  });
}

/** Returns the error `timeout`: process `pid` still serves the adapter. */
export function stillServes(operation: string, pid: number): HostError {
  return new HostError("timeout", operation, `process ${pid} was asked to end, and has not`, {
    hint: "Try again with a longer --timeout, or end that process.",
  });
}

/** Returns the error `busy`: the driver cannot be removed while there are adapters. */
export function driverIsInUse(operation: string, cause?: unknown): HostError {
  return new HostError("busy", operation, "an adapter uses it", {
    hint: "Delete the adapters first. wintun list shows them.",
    cause,
  });
}
