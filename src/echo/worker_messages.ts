import type { Attachment } from "../tun/attachment.ts";
import type { Tap } from "./capture/tap.ts";
import type { EchoEnd, LoopOptions } from "./loop.ts";
import type { NetworkRun } from "./network/network_state.ts";
import type { PingReply } from "./network/ping_reply.ts";

/** The message from the owner to the worker, which is sent once. */
export interface ToEchoWorker {
  readonly attachment: Attachment;
  readonly options: LoopOptions;
  readonly counters: Float64Array;
  readonly taps: readonly Tap[];
  /** Absent: plain echo. */
  readonly network?: NetworkRun;
}

/** A message from the worker to the owner: at most one `ready`, then any number of `ping`, then one of the others. */
export type FromEchoWorker =
  | { readonly type: "ready" }
  | { readonly type: "ping"; readonly reply: PingReply }
  | { readonly type: "end"; readonly reason: EchoEnd }
  | { readonly type: "win32-error"; readonly code: number; readonly operation: string }
  | { readonly type: "error"; readonly error: Error };
