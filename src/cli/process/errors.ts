import { ELEVATION_HINT, HostError } from "../../tun/host_error.ts";
import { SystemDllError } from "../../windows/system_functions.ts";
import { ERROR_ACCESS_DENIED, Win32Error } from "../../windows/win32_error.ts";
import { UsageError } from "../arguments/usage_error.ts";
import { EXIT, HOST_ERROR_EXIT } from "./exit_codes.ts";
import { InterruptedError } from "./interrupts.ts";
import type { Output } from "./output.ts";

/** An error as programs read it on stderr: the object `error` of `wintun help json`. */
interface Failure {
  /** What was attempted: `Cannot create adapter "lab"`. `null` if that is not known. */
  readonly operation: string | null;
  /** One sentence: the operation, a colon and the reason. An error of Windows itself has its code in it too. */
  readonly message: string;
  /** Why it failed, as the end of that sentence. `null` if only the message says it. */
  readonly reason: string | null;
  /** The Windows error code that caused it, or `null`. */
  readonly win32: number | null;
  /** The name of that code in winerror.h, or `null`. */
  readonly symbol: string | null;
  /** Advice to the user, or `null`. */
  readonly hint: string | null;
  readonly exitCode: number;
}

/** Reports the error of a command as text, or as JSON with `--json`, and returns the exit code. */
export function reportError(error: unknown, output: Output): number {
  const failure = describeError(error);
  if (output.json) {
    output.errorJson({ ...failure });
  } else {
    output.error(errorText(error));
  }
  if (output.verbose && failure.exitCode === EXIT.failed && error instanceof Error) {
    for (const line of stackLines(error)) output.detail(line);
  }
  return failure.exitCode;
}

/** Returns what a person reads of an error: its message, and advice if there is some. */
export function errorText(error: unknown): string {
  const { message, hint } = describeError(error);
  return hint === null ? message : `${endSentence(message)} ${hint}`;
}

function describeError(error: unknown): Failure {
  const win32 = findWin32(error);
  const exitCode = exitCodeOf(error);
  const { operation, reason } = error instanceof HostError || error instanceof Win32Error
    ? error
    : { operation: null, reason: null };
  const hint = hintOf(error);
  return {
    operation,
    message: error instanceof Error ? error.message : String(error),
    reason,
    win32: win32?.code ?? null,
    symbol: win32 === undefined || win32.symbol === "" ? null : win32.symbol,
    hint: hint === "" ? null : hint,
    exitCode,
  };
}

function hintOf(error: unknown): string {
  if (isAccessDenied(error)) return ELEVATION_HINT;
  if (error instanceof SystemDllError) return "wintun doctor lists everything that this Windows lacks.";
  const hasHint = error instanceof HostError || error instanceof UsageError ||
    error instanceof InterruptedError;
  return hasHint ? error.hint : "";
}

/** Returns whether Windows refused access, as it does to a process that is not elevated. */
function isAccessDenied(error: unknown): boolean {
  return error instanceof Win32Error && error.code === ERROR_ACCESS_DENIED;
}

/** Returns the exit code of a command that failed with that error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (isAccessDenied(error)) return EXIT.notElevated;
  if (error instanceof HostError) return HOST_ERROR_EXIT[error.kind];
  if (error instanceof InterruptedError) return EXIT.interrupted;
  return EXIT.failed;
}

/** Returns the Windows error that is the error itself or one of its causes. */
function findWin32(error: unknown): Win32Error | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof Win32Error) return current;
  }
  return undefined;
}

function stackLines(error: Error): string[] {
  const lines = (error.stack ?? "").split("\n");
  if (error.cause instanceof Error) lines.push("caused by:", ...stackLines(error.cause));
  return lines;
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
