import type { Wintun } from "./library.ts";
import type { LogLine } from "./log_line.ts";
import type { FromLogThread, ToLogThread } from "./log_messages.ts";

/** The time that a thread gets to enter the callback which it has read. It needs microseconds. */
const LAST_CALLS_MS = 10;

/** A worker that owns the callback for log lines. */
export type LogThread = Pick<Worker, "postMessage">;

/**
 * Delivers the log lines of wintun.dll. The DLL calls its logger from its own threads and from threads that are blocked
 * in a call. The callback therefore belongs to a worker that never blocks: a callback that belonged to a blocked thread would
 * wait for that thread forever.
 */
export class Logger implements AsyncDisposable {
  readonly #wintun: Wintun;
  readonly #port: MessagePort;
  /** The worker that only this logger uses. */
  readonly #worker: Worker | undefined;
  readonly #onLine: (line: LogLine) => void;
  /** The pending calls of `flush()`, in order. */
  readonly #flushing: (() => void)[] = [];
  #closed = false;

  private constructor(
    wintun: Wintun,
    port: MessagePort,
    worker: Worker | undefined,
    onLine: (line: LogLine) => void,
  ) {
    this.#wintun = wintun;
    this.#port = port;
    this.#worker = worker;
    this.#onLine = onLine;
  }

  /**
   * Sets the logger (WintunSetLogger). A process has only one.
   * @param thread A worker that handles `ToLogThread`, and stays. Default: a worker of this logger.
   * @throws {Error} if the worker cannot start.
   */
  static async open(wintun: Wintun, onLine: (line: LogLine) => void, thread?: LogThread): Promise<Logger> {
    const own = thread === undefined ? startWorker() : undefined;
    const { port1: port, port2 } = new MessageChannel();
    const logger = new Logger(wintun, port, own, onLine);
    const address = await new Promise<bigint>((resolve, reject) => {
      port.onmessage = (event: MessageEvent<bigint>) => resolve(event.data);
      if (own !== undefined) own.onerror = (event) => reject(new Error(event.message));
      const request: ToLogThread = { type: "log", port: port2 };
      (thread ?? own)!.postMessage(request, [port2]);
    });
    port.onmessage = (event: MessageEvent<FromLogThread>) => logger.#receive(event.data);
    wintun.symbols.WintunSetLogger(Deno.UnsafePointer.create(address));
    return logger;
  }

  /** Resolves when all lines logged until now have been delivered. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#flushing.push(resolve);
      this.#port.postMessage("flush");
    });
  }

  /** Removes the logger from the DLL and delivers the remaining lines. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wintun.symbols.WintunSetLogger(null);
    // WintunSetLogger does not wait for a thread of the DLL that has just read the old callback, and is about to call it.
    await new Promise((resolve) => setTimeout(resolve, LAST_CALLS_MS));
    await this.flush();
    this.#port.close();
    this.#worker?.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #receive(message: FromLogThread): void {
    if (message === "flushed") this.#flushing.shift()?.();
    else if (typeof message === "object") this.#onLine(message);
  }
}

function startWorker(): Worker {
  return new Worker(new URL("./logger_worker.ts", import.meta.url), { type: "module", name: "wintun-log" });
}
