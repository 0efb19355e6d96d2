import type { LogLine } from "./log_line.ts";

/** What a thread that owns the callback for log lines is asked for: to make it, and to send to `port` what comes. */
export interface ToLogThread {
  readonly type: "log";
  readonly port: MessagePort;
}

/** What it sends: the address of the callback, then the lines, and an answer to each message. */
export type FromLogThread = bigint | LogLine | "flushed";
