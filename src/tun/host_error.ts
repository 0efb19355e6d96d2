import { type Cidr, formatCidr } from "../wire/cidr.ts";

/** Why a host could not do what it was asked; each has an exit code of its own (src/cli/process/exit_codes.ts). */
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

/** What an error carries besides operation and reason. */
export interface HostErrorDetails {
  /** What to do about it, as a sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error with everything that a user needs to act on it. Its message is the operation, a colon and the reason. */
export class HostError extends Error {
  override readonly name = "HostError";
  readonly kind: HostErrorKind;
  /** What was attempted, as the start of a sentence: `Cannot create adapter "lab"`. */
  readonly operation: string;
  /** Why it failed, as the end of that sentence, without a full stop. */
  readonly reason: string;
  /** What to do about it, as a sentence; empty where there is nothing to say. */
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

/** What to do where Windows refuses a process that is not elevated. */
export const ELEVATION_HINT = "Run it from an administrator's prompt.";

// Errors that several places report, so that each is one sentence on every machine.

/** `not-elevated`: the operation changes the machine, which only an elevated process may. */
export function notElevated(operation: string, cause?: unknown): HostError {
  return new HostError("not-elevated", operation, "this process is not elevated", {
    hint: ELEVATION_HINT,
    cause,
  });
}

/** `not-found`: no adapter has the name or GUID. */
export function noSuchAdapter(
  operation: string,
  { hint = "wintun list shows the adapters.", cause }: HostErrorDetails = {},
): HostError {
  return new HostError("not-found", operation, "there is no such adapter", { hint, cause });
}

/**
 * `failed`: another interface has an address.
 * @param holder That interface's name; absent: not known.
 */
export function addressIsTaken(operation: string, cidr: Cidr, holder?: string): HostError {
  const other = holder === undefined ? "another interface" : `another interface, "${holder}",`;
  return new HostError("failed", operation, `${other} has the address ${formatCidr(cidr)}`, {
    hint: "Choose another address, or remove it from the other interface first.",
  });
}

/** `busy`: the adapter called `name` has its one session already. */
export function sessionIsOpen(name: string, cause?: unknown): HostError {
  return new HostError("busy", `Cannot serve adapter "${name}"`, "it has an open session already", {
    hint: "An adapter has one session at a time. End the program that has it, or use another adapter.",
    cause,
  });
}

/** `removed`: somebody else has removed the adapter that is in use. */
export function adapterRemoved(operation: string): HostError {
  return new HostError("removed", operation, "it was removed");
}

/** `timeout`: process `pid` still holds the adapter that it was asked to let go of. */
export function stillHeld(operation: string, pid: number): HostError {
  return new HostError("timeout", operation, `process ${pid} was asked to let go of it, but still holds it`, {
    hint: "Try again, or use --force to remove the adapter anyway.",
  });
}

/** What `Host.stopSession` attempts, as the start of a sentence. */
export function cannotStopServing(name: string): string {
  return `Cannot stop the serving of adapter "${name}"`;
}

/** `failed`: a process that is not of this program has the adapter's session. */
export function servedByOther(operation: string): HostError {
  return new HostError("failed", operation, "another program has the session that is open on it", {
    hint: "End that program.",
  });
}

/** `timeout`: process `pid` still serves the adapter. */
export function stillServes(operation: string, pid: number): HostError {
  return new HostError("timeout", operation, `process ${pid} was asked to end, and has not`, {
    hint: "Try again with a longer --timeout, or end that process.",
  });
}

/** `busy`: the driver cannot be removed while there are adapters. */
export function driverIsInUse(operation: string, cause?: unknown): HostError {
  return new HostError("busy", operation, "an adapter uses it", {
    hint: "Delete the adapters first. wintun list shows them.",
    cause,
  });
}
