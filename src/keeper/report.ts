import type { Configured } from "../tun/host.ts";
import { HostError, type HostErrorKind } from "../tun/host_error.ts";
import { REASON_VALUE, reportKey } from "../tun/windows/service_keys.ts";
import type { RegistryKey } from "../windows/registry.ts";
import type { System } from "../windows/system.ts";
import { Win32Error } from "../windows/win32_error.ts";
import type { LogLine } from "../wintun/log_line.ts";

/**
 * A line of the report of a keeper, which is the service that holds an adapter. It reports any number of `log`, and then `ready`
 * or `failed`. A keeper that was ready may still fail.
 */
export type KeeperMessage =
  | { readonly type: "log" } & LogLine
  | {
    readonly type: "ready";
    /** GUID of the adapter: lower case, without braces. */
    readonly guid: string;
    readonly configured: Configured;
    /** Path of the keeper's log; absent if it could not create one. */
    readonly log?: string;
  }
  | { readonly type: "failed"; readonly error: Error };

/**
 * The report of this process, which is the keeper of an adapter. It is in the registry, where everybody can read it and
 * only administrators can write it, until Windows restarts or the service is deleted.
 */
export class ReportWriter implements Disposable {
  readonly #key: RegistryKey;
  #count = 0;

  /** Begins a report, in the place of the one of an earlier start. @throws {Win32Error} */
  constructor(system: System, guid: string) {
    forgetReport(system, guid);
    this.#key = system.registry.createVolatile(reportKey(guid));
  }

  /** Adds a line. A line that Windows refuses, because somebody has deleted the report, is lost. */
  write(message: KeeperMessage): void {
    try {
      this.#key.setText(`${this.#count++}`, encodeMessage(message));
      if (message.type === "failed") this.#key.setText(REASON_VALUE, reasonOf(message.error));
    } catch (error) {
      if (!(error instanceof Win32Error)) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#key[Symbol.dispose]();
  }
}

/** Reads the report of the keeper of an adapter while the keeper writes it. */
export class ReportReader {
  readonly #system: System;
  readonly #key: string;
  #count = 0;

  /** Begins with the first line. */
  constructor(system: System, guid: string) {
    this.#system = system;
    this.#key = reportKey(guid);
  }

  /** Returns the lines that were added since the last call. @throws {SyntaxError} for a line that is no message. */
  next(): KeeperMessage[] {
    using key = this.#system.registry.open(this.#key);
    const messages: KeeperMessage[] = [];
    for (;;) {
      const line = key?.text(`${this.#count}`);
      if (line === undefined) return messages;
      messages.push(decodeMessage(line));
      this.#count++;
    }
  }
}

/** Deletes the report of an earlier start, if there is one. */
export function forgetReport(system: System, guid: string): void {
  system.registry.delete(reportKey(guid));
}

/** Returns why the keeper failed, as the end of a sentence. */
function reasonOf(error: Error): string {
  return error instanceof HostError ? error.reason : error.message;
}

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

/** Encodes a message as a line of JSON, without the line end. */
export function encodeMessage(message: KeeperMessage): string {
  return JSON.stringify(message.type === "failed" ? { ...message, error: toPlain(message.error) } : message);
}

/** Decodes a line of `encodeMessage`. @throws {SyntaxError} for any other text. */
export function decodeMessage(line: string): KeeperMessage {
  const message = JSON.parse(line);
  switch (message?.type) {
    case "log":
    case "ready":
      return message;
    case "failed":
      return { type: "failed", error: fromPlain(message.error) };
    default:
      throw new SyntaxError("this is no message of a keeper");
  }
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
