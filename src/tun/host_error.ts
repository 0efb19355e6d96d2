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

/** An error with everything that a user needs to act on it. */
export class HostError extends Error {
  override readonly name = "HostError";
  /** What was attempted, as the start of a sentence: `Cannot create adapter "lab"`. */
  readonly operation: string;
  /** What to do about it, as a sentence; empty where there is nothing to say. */
  readonly hint: string;
  readonly kind: HostErrorKind;

  constructor(
    kind: HostErrorKind,
    operation: string,
    reason: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(`${operation}: ${reason}`, "cause" in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.operation = operation;
    this.hint = options.hint ?? "";
  }
}
