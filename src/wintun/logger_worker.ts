/// <reference lib="deno.worker" />
import { readWideString } from "../windows/wide_string.ts";
import type { LogLevel, LogMessage } from "./logger.ts";

const LEVELS: readonly LogLevel[] = ["info", "warning", "error"];

/** FILETIME counts 100 ns from 1601-01-01 UTC; this many lie before 1970. */
const UNIX_EPOCH = 116_444_736_000_000_000n;

/** WINTUN_LOGGER_CALLBACK; any thread may call it, and waits until this worker has run it. */
const callback = Deno.UnsafeCallback.threadSafe(
  {
    parameters: [
      "i32", /* WINTUN_LOGGER_LEVEL Level */
      "u64", /* DWORD64 Timestamp */
      "pointer", /* LPCWSTR Message */
    ],
    result: "void",
  } as const,
  (level, timestamp, message) => {
    const logged: LogMessage = {
      level: LEVELS[level] ?? "error",
      time: new Date(Number((BigInt(timestamp) - UNIX_EPOCH) / 10_000n)),
      text: readWideString(message),
    };
    self.postMessage(logged);
  },
);

// Messages are answered in the order in which they came, so this one says that all before it are out.
self.onmessage = () => self.postMessage("flushed");
self.postMessage(Deno.UnsafePointer.value(callback.pointer));
