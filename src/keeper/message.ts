import type { AdapterInfo, Configured } from "../tun/host.ts";
import { HostError, type HostErrorKind } from "../tun/host_error.ts";
import { Win32Error } from "../windows/win32_error.ts";
import { formatCidr, parseCidr } from "../wire/cidr.ts";
import type { LogLine } from "../wintun/log_line.ts";

/**
 * A message from a keeper to the process that started it. A keeper sends `moved` if it goes on as another process, then any
 * number of `log`, and at last `ready` or `failed`.
 */
export type KeeperMessage =
  | { readonly type: "moved"; readonly pid: number }
  | { readonly type: "log" } & LogLine
  | {
    readonly type: "ready";
    readonly info: AdapterInfo;
    readonly configured: Configured;
    /** Whether Windows ends the keeper together with the job of the process that started it. */
    readonly endsWithJob: boolean;
    /** Path of the keeper's log; absent if it could not create one. */
    readonly log?: string;
  }
  | { readonly type: "failed"; readonly error: Error };

/** An error as plain data. */
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

/** Encodes a message as one line of JSON, without the line end. Addresses are text. */
export function encodeMessage(message: KeeperMessage): string {
  return JSON.stringify(plainMessage(message));
}

function plainMessage(message: KeeperMessage): unknown {
  if (message.type === "failed") return { ...message, error: toPlain(message.error) };
  if (message.type !== "ready") return message;
  const { luid, addresses } = message.info;
  return { ...message, info: { ...message.info, luid: `${luid}`, addresses: addresses.map(formatCidr) } };
}

/** Decodes a line of `encodeMessage`. @throws {SyntaxError} for any other text. */
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
