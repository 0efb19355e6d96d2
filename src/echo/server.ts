import type { PacketSession } from "../tun/host.ts";
import { Win32Error } from "../windows/win32_error.ts";
import { type Counters, createCounters, readCounters } from "./counters.ts";
import type { EchoEnd, LoopOptions } from "./loop.ts";
import type { NetworkRun } from "./network/network_state.ts";
import type { PingReply } from "./network/ping_reply.ts";
import type { Tap } from "./capture/tap.ts";
import type { FromEchoWorker, ToEchoWorker } from "./worker_messages.ts";

export type { EchoEnd } from "./loop.ts";
export type { Tap } from "./capture/tap.ts";

/** The options of an echo server. */
export interface EchoOptions extends LoopOptions {
  /** The taps that record packets for a log and a capture, one for each (see tap.ts). They cost throughput. */
  readonly taps?: readonly Tap[];
  /** The network to play. Absent: plain echo, whose loop pays nothing for networks. */
  readonly network?: NetworkRun;
  /** Is called with each reply to the network's own pings. */
  readonly onPing?: (reply: PingReply) => void;
}

/**
 * Runs echo on one packet session, for the owner of the session. A worker reads the packets and blocks in its waits, so
 * the owner's thread stays free for signals, statistics and files. The owner closes the session after `done`.
 */
export class EchoServer {
  /** Resolves when the worker is attached to the session and starts to read. Rejects as `done` does. */
  readonly ready: Promise<void>;
  /**
   * Resolves when the worker has detached from the session. Rejects with a `Win32Error`, or another error of the worker,
   * if that has failed. It has then detached, too.
   */
  readonly done: Promise<EchoEnd>;
  readonly #session: PacketSession;
  readonly #counters: Float64Array;

  /**
   * Starts the worker.
   *
   * @param session Stays the caller's, who keeps it open until `done` settles.
   */
  constructor(session: PacketSession, options: EchoOptions) {
    const { taps = [], network, onPing, ...loopOptions } = options;
    this.#session = session;
    this.#counters = createCounters();

    const ready = Promise.withResolvers<void>();
    const done = Promise.withResolvers<EchoEnd>();
    const fail = (error: unknown): void => {
      ready.reject(error);
      done.reject(error);
    };
    // A caller may await only one of the two promises.
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
      if (data.type === "ping") return onPing?.(data.reply);
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
      ...(network === undefined ? {} : { network }),
    };
    worker.postMessage(message);
  }

  /** Returns the totals as they are now. */
  counters(): Counters {
    return readCounters(this.#counters);
  }

  /** Asks the worker to end. `done` resolves when it has. Idempotent. */
  stop(): void {
    this.#session.stop();
  }
}
