import type { Attachment } from "../tun/attachment.ts";
import type { PacketSession } from "../tun/host.ts";
import { Win32Error } from "../windows/win32_error.ts";
import { type Counters, createCounters, readCounters } from "./counters.ts";
import type { EchoEnd, LoopOptions } from "./loop.ts";
import { createTapMemory, TapReader } from "./tap.ts";

export type { EchoEnd } from "./loop.ts";

/** What is echoed, and what is kept of it. */
export interface EchoOptions extends LoopOptions {
  /** A tap, for a log or a capture; it costs throughput. */
  readonly tap?: {
    /** How much may wait to be read before packets are missed. */
    readonly capacityBytes: number;
    /** How many bytes of each packet are kept. */
    readonly snapLength: number;
  };
}

/** What the owner says to the worker, once. */
export interface ToEchoWorker {
  readonly attachment: Attachment;
  readonly options: LoopOptions;
  readonly counters: Float64Array;
  readonly tap?: { readonly memory: SharedArrayBuffer; readonly snapLength: number };
}

/** What the worker says to the owner: `ready`, then one of the others. */
export type FromEchoWorker =
  | { readonly type: "ready" }
  | { readonly type: "end"; readonly reason: EchoEnd }
  | { readonly type: "win32-error"; readonly code: number; readonly operation: string }
  | { readonly type: "error"; readonly error: Error };

/**
 * Echo on one packet session, seen from the session's owner. The packets are read by a worker that blocks in its wait,
 * so the owner's thread stays free for signals, statistics and files. The session is closed after `done`.
 */
export class EchoServer {
  /** Resolves when the worker reads. Rejects as `done` does. */
  readonly ready: Promise<void>;
  /** Resolves when the worker has let go of the session; rejects when it failed, after letting go as well. */
  readonly done: Promise<EchoEnd>;
  readonly #session: PacketSession;
  readonly #counters: Float64Array;
  readonly #tap: TapReader | undefined;

  constructor(session: PacketSession, options: EchoOptions) {
    const { tap, ...loopOptions } = options;
    const tapMemory = tap === undefined ? undefined : createTapMemory(tap.capacityBytes);
    this.#session = session;
    this.#counters = createCounters();
    this.#tap = tapMemory === undefined ? undefined : new TapReader(tapMemory);

    const ready = Promise.withResolvers<void>();
    const done = Promise.withResolvers<EchoEnd>();
    const fail = (error: unknown): void => {
      ready.reject(error);
      done.reject(error);
    };
    // Either may be left unread by a caller that only wants the other.
    ready.promise.catch(() => {});
    done.promise.catch(() => {});
    this.ready = ready.promise;
    this.done = done.promise;

    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      type: "module",
      name: "wintun-echo",
    });
    worker.onmessage = ({ data }: MessageEvent<FromEchoWorker>) => {
      if (data.type === "ready") return ready.resolve();
      worker.terminate();
      if (data.type === "end") done.resolve(data.reason);
      else fail(data.type === "win32-error" ? new Win32Error(data.code, data.operation) : data.error);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      fail(new Error(`the echo worker failed: ${event.message}`));
    };
    const message: ToEchoWorker = {
      attachment: session.attachment,
      options: loopOptions,
      counters: this.#counters,
      ...(tap !== undefined && tapMemory !== undefined
        ? { tap: { memory: tapMemory, snapLength: tap.snapLength } }
        : {}),
    };
    worker.postMessage(message);
  }

  /** The totals as they are now. */
  counters(): Counters {
    return readCounters(this.#counters);
  }

  /** Where what was tapped is read; `undefined` without a tap. */
  get tap(): TapReader | undefined {
    return this.#tap;
  }

  /** Makes the worker end soon, `done` tells when. */
  stop(): void {
    this.#session.stop();
  }
}
