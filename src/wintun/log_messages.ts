import type { LogLine } from "./log_line.ts";

/** Asks a thread to make the callback for log lines, and to send what is logged to `port`. */
export interface ToLogThread {
  readonly type: "log";
  readonly port: MessagePort;
}

/** What that thread sends: first the address of the callback, then each line, and `flushed` for each message to it. */
export type FromLogThread = bigint | LogLine | "flushed";
