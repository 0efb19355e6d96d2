import type { Attachment } from "../tun/attachment.ts";
import type { Tap } from "./capture/tap.ts";
import type { EchoEnd, LoopOptions } from "./loop.ts";

/** The message from the owner to the worker, which is sent once. */
export interface ToEchoWorker {
  readonly attachment: Attachment;
  readonly options: LoopOptions;
  readonly counters: Float64Array;
  readonly taps: readonly Tap[];
}

/** A message from the worker to the owner: at most one `ready`, then one of the others. */
export type FromEchoWorker =
  | { readonly type: "ready" }
  | { readonly type: "end"; readonly reason: EchoEnd }
  | { readonly type: "win32-error"; readonly code: number; readonly operation: string }
  | { readonly type: "error"; readonly error: Error };
