import type { SystemLibraries } from "../system_libraries.ts";
import { Win32Error } from "../win32_error.ts";

/** What the worker is asked for, once. */
export interface ToStartWorker {
  /** The name of the service. */
  readonly name: string;
  /** The paths of the DLLs. */
  readonly advapi32: string;
  readonly kernel32: string;
}

/** The worker's answer. */
export type FromStartWorker =
  | { readonly started: boolean }
  | { readonly code: number; readonly operation: string };

/**
 * Starts a service as `Service.start` does, on a worker: Windows answers only when the service's process has reached the Service
 * Control Manager, and the calling thread goes on meanwhile. The worker calls GetLastError too, because Windows keeps the last
 * error of each thread apart.
 * @throws {Win32Error} as `Service.start` does, and with ERROR_SERVICE_DOES_NOT_EXIST.
 */
export async function startService(libraries: SystemLibraries, name: string): Promise<boolean> {
  const worker = new Worker(new URL("./service_start_worker.ts", import.meta.url), {
    type: "module",
    name: "wintun-service-start",
  });
  try {
    const answer = await new Promise<FromStartWorker>((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<FromStartWorker>) => resolve(event.data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`the worker that starts a service failed: ${event.message}`));
      };
      const request: ToStartWorker = {
        name,
        advapi32: libraries.path("advapi32"),
        kernel32: libraries.path("kernel32"),
      };
      worker.postMessage(request);
    });
    if ("code" in answer) throw new Win32Error(answer.code, answer.operation);
    return answer.started;
  } finally {
    worker.terminate();
  }
}
