import { readWideString } from "../windows/wide_string.ts";
import type { FromLogThread } from "./log_messages.ts";
import type { LogLine } from "./log_line.ts";

const LEVELS: readonly LogLine["level"][] = ["info", "warning", "error"];

/**
 * Makes the callback that wintun.dll logs to, and sends its address and then each line to `port`. The callback belongs to the
 * calling thread, which must not block, and stays until that thread ends: a thread of the DLL may be about to call it.
 */
export function logTo(port: MessagePort): void {
  const post = (message: FromLogThread): void => port.postMessage(message);
  /** WINTUN_LOGGER_CALLBACK (wintun.h). Any thread may call it, and waits until this thread has run it. */
  const callback = Deno.UnsafeCallback.threadSafe(
    {
      parameters: [
        "i32", /* WINTUN_LOGGER_LEVEL Level */
        "u64", /* DWORD64 Timestamp */
        "pointer", /* LPCWSTR Message */
      ],
      result: "void",
    } as const,
    (level, _timestamp, message) => {
      post({ level: LEVELS[level] ?? "error", message: readWideString(message) });
    },
  );
  // Messages are handled in order, so this answer means that all earlier lines have been delivered.
  port.onmessage = () => post("flushed");
  post(Deno.UnsafePointer.value(callback.pointer));
}
