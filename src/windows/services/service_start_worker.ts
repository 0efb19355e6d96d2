/// <reference lib="deno.worker" />
import { answerOf } from "../ask_worker.ts";
import { SystemLibraries } from "../system_libraries.ts";
import { ERROR_SERVICE_DOES_NOT_EXIST, Win32Error } from "../win32_error.ts";
import { ServiceManager } from "./service_manager.ts";
import type { Started, ToStartWorker } from "./service_messages.ts";

// The answer comes last, when the service is closed: it ends this worker.
self.onmessage = ({ data }: MessageEvent<ToStartWorker>) => self.postMessage(answerOf(() => start(data)));

function start({ name, advapi32, kernel32 }: ToStartWorker): Started {
  using libraries = new SystemLibraries({ advapi32, kernel32 });
  using manager = ServiceManager.connect(libraries);
  using service = manager.open(name, "start");
  if (service !== undefined) return { started: service.start() };
  throw new Win32Error(ERROR_SERVICE_DOES_NOT_EXIST, `Cannot start the service ${name}`);
}
