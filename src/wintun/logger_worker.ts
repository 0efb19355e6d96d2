/// <reference lib="deno.worker" />
import { readWideString } from "../windows/wide_string.ts";
import type { LogLine } from "./log_line.ts";

const LEVELS: readonly LogLine["level"][] = ["info", "warning", "error"];

/** WINTUN_LOGGER_CALLBACK (wintun.h). Any thread may call it, and waits until this worker has run it. */
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
    const line: LogLine = { level: LEVELS[level] ?? "error", message: readWideString(message) };
    self.postMessage(line);
  },
);

// Messages are handled in order, so this answer means that all earlier lines have been delivered.
self.onmessage = () => self.postMessage("flushed");
self.postMessage(Deno.UnsafePointer.value(callback.pointer));
