/// <reference lib="deno.worker" />
import { type ConsoleEnd, type FromConsoleWorker, HANDLER_STATE } from "./console_control_messages.ts";

/** CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT and CTRL_SHUTDOWN_EVENT (consoleapi.h) */
const ENDS: Readonly<Record<number, ConsoleEnd>> = { 2: "close", 5: "logoff", 6: "shutdown" };
/** Windows ends the process after 5 s in any case. */
const LONGEST_WAIT_MS = 4_500;

const post = (message: FromConsoleWorker): void => self.postMessage(message);

self.onmessage = ({ data: state }: MessageEvent<Int32Array>) => {
  /** HandlerRoutine; a thread that Windows starts for it calls it. */
  const handler = Deno.UnsafeCallback.threadSafe(
    { parameters: ["u32" /* DWORD dwCtrlType */], result: "i32" } as const,
    (event) => {
      const end = ENDS[event];
      // Not handled: the next handler is asked.
      if (end === undefined) return 0;
      post(end);
      Atomics.wait(state, 0, HANDLER_STATE.waits, LONGEST_WAIT_MS);
      return 1;
    },
  );
  post(Deno.UnsafePointer.value(handler.pointer));
};
