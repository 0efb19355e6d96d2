import { askWorker } from "../ask_worker.ts";
import type { Started, ToStartWorker } from "./service_messages.ts";
import type { SystemLibraries } from "../system_libraries.ts";

/**
 * Starts a service as `Service.start` does, on a worker: Windows answers only when the service's process has reached the Service
 * Control Manager, and the calling thread goes on meanwhile.
 * @throws {Win32Error} as `Service.start` does, and with ERROR_SERVICE_DOES_NOT_EXIST.
 */
export async function startService(libraries: SystemLibraries, name: string): Promise<boolean> {
  const worker = new Worker(new URL("./service_start_worker.ts", import.meta.url), {
    type: "module",
    name: "wintun-service-start",
  });
  const request: ToStartWorker = {
    name,
    advapi32: libraries.path("advapi32"),
    kernel32: libraries.path("kernel32"),
  };
  return (await askWorker<Started>(worker, "service start", request)).started;
}
