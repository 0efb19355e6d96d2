/// <reference lib="deno.worker" />
import type { ToServiceWorker } from "../windows/services/service_messages.ts";
import { ServiceThread } from "../windows/services/service_thread.ts";
import { logTo } from "../wintun/log_callback.ts";
import type { ToLogThread } from "../wintun/log_messages.ts";

const service = new ServiceThread((message) => self.postMessage(message));

self.onmessage = async ({ data }: MessageEvent<ToServiceWorker | ToLogThread>) => {
  if (data.type === "log") return logTo(data.port);
  await service.receive(data);
  if (data.type === "enter") self.close();
};
