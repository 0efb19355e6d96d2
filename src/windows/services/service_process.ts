import type { SystemLibraries } from "../system_libraries.ts";
import type { CancelValue, FromServiceWorker, ToServiceWorker } from "./service_messages.ts";

/**
 * Makes this process the service `name`, which the Service Control Manager has started. It is then starting. Call this
 * before anything that takes long: Windows gives up a service that does not come here within 30 s.
 *
 * A worker speaks with the Service Control Manager, so the calling thread may block: the worker reports a checkpoint
 * every second while the service is starting or stopping.
 * @param worker runs a `ServiceThread`. It ends with the service.
 * @param cancel where others ask the service to stop while it is starting. The worker looks there every second.
 * @returns `undefined` if Windows has not started this process as a service.
 * @throws {Error} if the worker fails.
 */
export async function enterService(
  libraries: SystemLibraries,
  worker: Worker,
  name: string,
  cancel: CancelValue,
): Promise<ServiceProcess | undefined> {
  const service = new ServiceProcess(worker);
  const request: ToServiceWorker = {
    type: "enter",
    name,
    cancel,
    advapi32: libraries.path("advapi32"),
    kernel32: libraries.path("kernel32"),
  };
  worker.postMessage(request);
  return await service.hasStarted() ? service : undefined;
}

/** The service that runs in this process. `enterService` makes it. */
export class ServiceProcess {
  readonly #worker: Worker;
  readonly #stop = new AbortController();
  readonly #started = Promise.withResolvers<boolean>();
  readonly #left = Promise.withResolvers<void>();
  #hasStarted = false;

  /** Takes ownership of the worker. */
  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromServiceWorker>) => {
      switch (data.type) {
        case "started":
          this.#hasStarted = true;
          return this.#started.resolve(true);
        case "stop":
          return this.#stop.abort(data.request);
        case "left":
          this.#started.resolve(false);
          return this.#left.resolve();
      }
    };
    worker.onerror = (event) => {
      // Once the service has started, a failure ends the process: nobody could stop the service any more.
      if (this.#hasStarted) return;
      event.preventDefault();
      this.#started.reject(new Error(`the service worker failed: ${event.message}`));
    };
  }

  /**
   * Aborts when the service is asked to stop. Its reason is a `StopRequest`. The service is then stopping already, and must call
   * `end` soon: at a shutdown Windows waits 5 s.
   */
  get stopRequested(): AbortSignal {
    return this.#stop.signal;
  }

  /** Resolves to whether Windows has started this process as a service. */
  hasStarted(): Promise<boolean> {
    return this.#started.promise;
  }

  /** Reports that the service is running. Ignored if it was asked to stop meanwhile. */
  running(): void {
    this.#post({ type: "running" });
  }

  /**
   * Reports that the service has stopped, and waits until Windows has taken note. Release everything before: Windows may
   * end the process from then on.
   * @param exitCode 0, or a code of this program from 1 on, which Windows keeps as service-specific exit code.
   */
  end(exitCode: number): Promise<void> {
    this.#post({ type: "end", exitCode });
    return this.#left.promise;
  }

  #post(message: ToServiceWorker): void {
    this.#worker.postMessage(message);
  }
}
