import { askWorker } from "../ask_worker.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import type { Started, ToStartWorker } from "./service_messages.ts";

/**
 * Starts the service `name` as `Service.start` does, on a worker, so that this thread goes on meanwhile. The worker takes time to
 * be there: `Service.startElsewhere` is faster, but does not say why a start has failed.
 *
 * Returns whether this call has started the service.
 * @throws {Win32Error} as `Service.start` does, and with ERROR_SERVICE_DOES_NOT_EXIST.
 */
export async function startOnWorker(libraries: SystemLibraries, name: string): Promise<boolean> {
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
