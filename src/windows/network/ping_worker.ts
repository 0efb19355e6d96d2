/// <reference lib="deno.worker" />
import { answerOf } from "../ask_worker.ts";
import { MissingFunctionError } from "../system_functions.ts";
import { SystemLibraries } from "../system_libraries.ts";
import { ERROR_CALL_NOT_IMPLEMENTED } from "../win32_error.ts";
import { type EchoRequest, Icmp } from "./icmp.ts";
import type { Pinged, ToPingWorker } from "./ping_messages.ts";
import { type PingOutcome, pingPayload, PingTally } from "./ping_series.ts";

self.onmessage = ({ data }: MessageEvent<ToPingWorker>) => self.postMessage(answerOf(() => ping(data)));

function ping(request: ToPingWorker): Pinged {
  try {
    const outcome = run(request);
    const isImplemented = outcome.failures.every(({ status }) => status !== ERROR_CALL_NOT_IMPLEMENTED);
    return { outcome: isImplemented ? outcome : undefined };
  } catch (error) {
    if (!(error instanceof MissingFunctionError)) throw error;
    return { outcome: undefined };
  }
}

function run({ series, stop, iphlpapi, kernel32 }: ToPingWorker): PingOutcome {
  const stopped = new Int32Array(stop);
  using libraries = new SystemLibraries({ iphlpapi, kernel32 });
  using icmp = Icmp.open(libraries, series.target);
  const payload = pingPayload(series.payloadBytes);
  const tally = new PingTally(series, payload, () => performance.now());
  /** The oldest first. */
  const underWay: { readonly request: EchoRequest; readonly end: ReturnType<PingTally["begin"]> }[] = [];
  for (;;) {
    while (underWay.length < series.parallel && tally.wantsMore && Atomics.load(stopped, 0) === 0) {
      underWay.push({ end: tally.begin(), request: icmp.send(payload, series.timeoutMs) });
    }
    const oldest = underWay.shift();
    if (oldest === undefined) return tally.outcome();
    using request = oldest.request;
    const { status, data } = request.wait();
    oldest.end(status, data);
  }
}
