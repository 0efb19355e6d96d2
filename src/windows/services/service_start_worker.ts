/// <reference lib="deno.worker" />
import { SystemLibraries } from "../system_libraries.ts";
import { ERROR_SERVICE_DOES_NOT_EXIST, Win32Error } from "../win32_error.ts";
import { ServiceManager } from "./service_manager.ts";
import type { FromStartWorker, ToStartWorker } from "./service_start.ts";

// The answer comes last, when the service is closed: it ends this worker.
self.onmessage = ({ data }: MessageEvent<ToStartWorker>) => self.postMessage(start(data));

function start({ name, advapi32, kernel32 }: ToStartWorker): FromStartWorker {
  using libraries = new SystemLibraries({ advapi32, kernel32 });
  try {
    using manager = ServiceManager.connect(libraries);
    using service = manager.open(name, "start");
    if (service !== undefined) return { started: service.start() };
    return { code: ERROR_SERVICE_DOES_NOT_EXIST, operation: `Cannot start the service ${name}` };
  } catch (error) {
    if (!(error instanceof Win32Error)) throw error;
    return { code: error.code, operation: error.operation };
  }
}
