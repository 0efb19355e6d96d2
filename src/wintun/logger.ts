import type { Wintun } from "./library.ts";
import type { LogLine } from "./log_line.ts";

/** The time that a thread gets to enter the callback which it has read. It needs microseconds. */
const LAST_CALLS_MS = 10;

/**
 * Delivers the log lines of wintun.dll. The DLL calls its logger from its own threads and from threads that are blocked
 * in a call. The callback therefore belongs to a worker that does nothing else: a callback that belonged to a blocked
 * thread would wait for that thread forever.
 */
export class Logger implements AsyncDisposable {
  readonly #wintun: Wintun;
  readonly #worker: Worker;
  readonly #onLine: (line: LogLine) => void;
  /** The pending calls of `flush()`, in order. */
  readonly #flushing: (() => void)[] = [];
  #closed = false;

  private constructor(wintun: Wintun, worker: Worker, onLine: (line: LogLine) => void) {
    this.#wintun = wintun;
    this.#worker = worker;
    this.#onLine = onLine;
  }

  /**
   * Sets the logger (WintunSetLogger). A process has only one.
   * @throws {Error} if the worker cannot start.
   */
  static async open(wintun: Wintun, onLine: (line: LogLine) => void): Promise<Logger> {
    const worker = new Worker(new URL("./logger_worker.ts", import.meta.url), {
      type: "module",
      name: "wintun-log",
    });
    const logger = new Logger(wintun, worker, onLine);
    const address = await new Promise<bigint>((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<bigint>) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
    worker.onmessage = (event: MessageEvent<LogLine | "flushed">) => logger.#receive(event.data);
    wintun.symbols.WintunSetLogger(Deno.UnsafePointer.create(address));
    return logger;
  }

  /** Resolves when all lines logged until now have been delivered. */
  flush(): Promise<void> {
    return new Promise((resolve) => {
      this.#flushing.push(resolve);
      this.#worker.postMessage("flush");
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
    this.#worker.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #receive(message: LogLine | "flushed"): void {
    if (message !== "flushed") return this.#onLine(message);
    this.#flushing.shift()?.();
  }
}
