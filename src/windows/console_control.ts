import { type ConsoleEnd, type FromConsoleWorker, HANDLER_STATE } from "./console_control_messages.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

export const CONSOLE_FUNCTIONS = systemFunctions("kernel32", {
  SetConsoleCtrlHandler: {
    parameters: ["pointer", /* PHANDLER_ROUTINE HandlerRoutine */ "i32" /* BOOL Add */],
    result: "i32",
  },
});

/**
 * Reports that Windows is about to end this process, and delays that end ("HandlerRoutine callback function", Windows
 * documentation): the process ends as soon as its handler returns, or after 5 s. The handler belongs to a worker, which
 * waits in it until the process has ended by itself, or for 4.5 s. Ctrl-C and Ctrl-Break are left to other handlers.
 */
export class ConsoleControl implements Disposable {
  readonly #libraries: SystemLibraries;
  readonly #worker: Worker;
  readonly #state = new Int32Array(new SharedArrayBuffer(4));
  #handler: Deno.PointerValue = null;
  #isEnding = false;
  #isClosed = false;

  /** Calls `onEnd` once Windows is about to end this process. The worker needs a moment until its handler is installed. */
  constructor(libraries: SystemLibraries, onEnd: (reason: ConsoleEnd) => void) {
    this.#libraries = libraries;
    this.#worker = new Worker(new URL("./console_control_worker.ts", import.meta.url), {
      type: "module",
      name: "wintun-console",
    });
    this.#worker.onmessage = ({ data }: MessageEvent<FromConsoleWorker>) => {
      if (this.#isClosed) return;
      if (typeof data === "bigint") return this.#install(Deno.UnsafePointer.create(data));
      this.#isEnding = true;
      onEnd(data);
    };
    this.#worker.postMessage(this.#state);
  }

  /** Removes the handler, unless the process is about to end: then the handler goes on to delay the end. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Windows holds a lock while a handler runs, so SetConsoleCtrlHandler would block.
    if (this.#isEnding) return;
    Atomics.store(this.#state, 0, HANDLER_STATE.letGo);
    Atomics.notify(this.#state, 0);
    if (this.#handler !== null) this.#set(this.#handler, false);
    this.#worker.terminate();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #install(handler: Deno.PointerValue): void {
    // Without a handler the process just ends with its console.
    if (this.#set(handler, true)) this.#handler = handler;
  }

  #set(handler: Deno.PointerValue, isAdded: boolean): boolean {
    const { SetConsoleCtrlHandler } = this.#libraries.bind(CONSOLE_FUNCTIONS);
    return SetConsoleCtrlHandler(handler, isAdded ? 1 : 0) !== 0;
  }
}
