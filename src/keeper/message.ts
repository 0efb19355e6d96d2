import type { AdapterInfo, Configured } from "../tun/host.ts";
import { HostError, type HostErrorKind } from "../tun/host_error.ts";
import { Win32Error } from "../windows/win32_error.ts";
import { formatCidr, parseCidr } from "../wire/cidr.ts";
import type { LogLine } from "../wintun/log_line.ts";

/**
 * What a keeper tells the process that started it: `moved` when it goes on as another process, any number of `log`, then
 * one of the others, and no more.
 */
export type KeeperMessage =
  | { readonly type: "moved"; readonly pid: number }
  | { readonly type: "log" } & LogLine
  | {
    readonly type: "ready";
    readonly info: AdapterInfo;
    readonly configured: Configured;
    /** Windows ends the keeper together with the job of whoever started it. */
    readonly endsWithJob: boolean;
    readonly log?: string;
  }
  | { readonly type: "failed"; readonly error: Error };

/** An error in plain data. */
interface PlainError {
  readonly message: string;
  readonly host?: {
    readonly kind: HostErrorKind;
    readonly operation: string;
    readonly reason: string;
    readonly hint: string;
  };
  readonly win32?: { readonly code: number; readonly operation: string };
  readonly cause?: PlainError;
}

/** A message as one line of JSON, without the line's end; addresses are text. */
export function encodeMessage(message: KeeperMessage): string {
  return JSON.stringify(plainMessage(message));
}

function plainMessage(message: KeeperMessage): unknown {
  if (message.type === "failed") return { ...message, error: toPlain(message.error) };
  if (message.type !== "ready") return message;
  const { luid, addresses } = message.info;
  return { ...message, info: { ...message.info, luid: `${luid}`, addresses: addresses.map(formatCidr) } };
}

/** Reads what `encodeMessage` wrote. @throws {SyntaxError} for anything else. */
export function decodeMessage(line: string): KeeperMessage {
  const message = JSON.parse(line);
  switch (message?.type) {
    case "moved":
    case "log":
      return message;
    case "ready":
      return { ...message, info: decodeInfo(message.info) };
    case "failed":
      return { type: "failed", error: fromPlain(message.error) };
    default:
      throw new SyntaxError("this is no message of a keeper");
  }
}

function decodeInfo(
  info: Omit<AdapterInfo, "luid" | "addresses"> & {
    readonly luid: string;
    readonly addresses: readonly string[];
  },
): AdapterInfo {
  return { ...info, luid: BigInt(info.luid), addresses: info.addresses.map(parseCidr) };
}

function toPlain(error: Error): PlainError {
  return {
    message: error.message,
    ...(error instanceof HostError
      ? { host: { kind: error.kind, operation: error.operation, reason: error.reason, hint: error.hint } }
      : {}),
    ...(error instanceof Win32Error ? { win32: { code: error.code, operation: error.operation } } : {}),
    ...(error.cause instanceof Error ? { cause: toPlain(error.cause) } : {}),
  };
}

function fromPlain({ message, host, win32, cause }: PlainError): Error {
  const options = cause === undefined ? {} : { cause: fromPlain(cause) };
  if (win32 !== undefined) return new Win32Error(win32.code, win32.operation);
  if (host === undefined) return new Error(message, options);
  return new HostError(host.kind, host.operation, host.reason, { hint: host.hint, ...options });
}
