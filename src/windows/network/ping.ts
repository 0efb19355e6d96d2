import { askWorker } from "../ask_worker.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import type { Pinged, ToPingWorker } from "./ping_messages.ts";
import type { PingOutcome, PingSeries } from "./ping_series.ts";

/**
 * Pings an address through Windows' own ICMP, on a worker that blocks in its waits: the calling thread goes on, and does not
 * falsify the times. Returns `undefined` if this Windows cannot ping addresses of this IP version.
 * @param stop Ends the series early when it is aborted, at the latest after the time for a reply.
 * @throws {Win32Error} if Windows refuses, or does not end a request.
 */
export async function pingFromWindows(
  libraries: SystemLibraries,
  series: PingSeries,
  stop: AbortSignal,
): Promise<PingOutcome | undefined> {
  const worker = new Worker(new URL("./ping_worker.ts", import.meta.url), {
    type: "module",
    name: "wintun-ping",
  });
  const stopped = new Int32Array(new SharedArrayBuffer(4));
  const onAbort = (): void => {
    Atomics.store(stopped, 0, 1);
  };
  if (stop.aborted) onAbort();
  stop.addEventListener("abort", onAbort);
  try {
    const request: ToPingWorker = {
      series,
      stop: stopped.buffer,
      iphlpapi: libraries.path("iphlpapi"),
      kernel32: libraries.path("kernel32"),
    };
    return (await askWorker<Pinged>(worker, "ping", request)).outcome;
  } finally {
    stop.removeEventListener("abort", onAbort);
  }
}
