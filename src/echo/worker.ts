/// <reference lib="deno.worker" />
import { attachDevice } from "../tun/attachment.ts";
import { Win32Error } from "../windows/win32_error.ts";
import { runEcho } from "./loop.ts";
import { runNetwork } from "./network/network_loop.ts";
import type { FromEchoWorker, ToEchoWorker } from "./worker_messages.ts";

const post = (message: FromEchoWorker): void => self.postMessage(message);

self.onmessage = ({ data }: MessageEvent<ToEchoWorker>) => {
  try {
    using device = attachDevice(data.attachment);
    post({ type: "ready" });
    const { options, counters, taps, network } = data;
    const reason = network === undefined
      ? runEcho(device, options, counters, taps)
      : runNetwork(device, options, counters, taps, network, (reply) => post({ type: "ping", reply }));
    // Detaches before the owner is notified, because the owner then ends the session.
    device.close();
    post({ type: "end", reason });
  } catch (error) {
    if (error instanceof Win32Error) {
      post({ type: "win32-error", code: error.code, operation: error.operation });
    } else {
      post({ type: "error", error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
};
