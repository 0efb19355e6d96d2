import type { PacketSession } from "../tun/host.ts";
import { Win32Error } from "../windows/win32_error.ts";
import { type Counters, createCounters, readCounters } from "./counters.ts";
import type { EchoEnd, LoopOptions } from "./loop.ts";
import type { Tap } from "./capture/tap.ts";
import type { FromEchoWorker, ToEchoWorker } from "./worker_messages.ts";

export type { EchoEnd } from "./loop.ts";
export type { Tap } from "./capture/tap.ts";

/** What is echoed, and what is kept of it. */
export interface EchoOptions extends LoopOptions {
  /** Where packets are shown to a log or a capture, one for each (see tap.ts); they cost throughput. */
  readonly taps?: readonly Tap[];
}

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

  constructor(session: PacketSession, options: EchoOptions) {
    const { taps = [], ...loopOptions } = options;
    this.#session = session;
    this.#counters = createCounters();

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
      taps,
    };
    worker.postMessage(message);
  }

  /** The totals as they are now. */
  counters(): Counters {
    return readCounters(this.#counters);
  }

  /** Makes the worker end soon, `done` tells when. */
  stop(): void {
    this.#session.stop();
  }
}
