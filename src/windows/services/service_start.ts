import { askWorker } from "../ask_worker.ts";
import type { Started, ToStartWorker } from "./service_messages.ts";
import type { SystemLibraries } from "../system_libraries.ts";

/**
 * Starts a service as `Service.start` does, on a worker: Windows answers only when the service's process has reached the Service
 * Control Manager, and the calling thread goes on meanwhile. The worker takes time to be there, so make this object early.
 */
export class ServiceStarter implements Disposable {
  readonly #libraries: SystemLibraries;
  #worker: Worker | undefined;

  constructor(libraries: SystemLibraries) {
    this.#libraries = libraries;
    this.#worker = startWorker();
  }

  /**
   * Starts the service `name`. Returns whether this call started it.
   * @throws {Win32Error} as `Service.start` does, and with ERROR_SERVICE_DOES_NOT_EXIST.
   */
  async start(name: string): Promise<boolean> {
    const worker = this.#worker ?? startWorker();
    this.#worker = undefined;
    const request: ToStartWorker = {
      name,
      advapi32: this.#libraries.path("advapi32"),
      kernel32: this.#libraries.path("kernel32"),
    };
    return (await askWorker<Started>(worker, "service start", request)).started;
  }

  /** Ends the worker, unless a service is being started. Idempotent. */
  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

function startWorker(): Worker {
  return new Worker(new URL("./service_start_worker.ts", import.meta.url), {
    type: "module",
    name: "wintun-service-start",
  });
}
