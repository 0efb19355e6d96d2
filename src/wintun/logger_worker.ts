/// <reference lib="deno.worker" />
import { logTo } from "./log_callback.ts";
import type { ToLogThread } from "./log_messages.ts";

self.onmessage = ({ data }: MessageEvent<ToLogThread>) => logTo(data.port);
