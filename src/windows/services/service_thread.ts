import { Registry } from "../registry.ts";
import { SystemLibraries } from "../system_libraries.ts";
import { dispatchService } from "./service_dispatcher.ts";
import type { CancelValue, FromServiceWorker, StopRequest, ToServiceWorker } from "./service_messages.ts";
import { CHECKPOINT_MS, ServiceState } from "./service_state.ts";

/** SERVICE_CONTROL_STOP and SERVICE_CONTROL_SHUTDOWN (winsvc.h) */
const STOP_CONTROLS: Readonly<Record<number, StopRequest>> = { 1: "stop", 5: "shutdown" };

/** The part of a service that runs in a worker, and speaks with Windows. The worker must not block. */
export class ServiceThread {
  readonly #post: (message: FromServiceWorker) => void;
  /** Set once Windows has started the service. Nobody but this thread sets its status, so no two threads race. */
  #state: ServiceState | undefined;

  /** @param post Sends a message to the main thread. */
  constructor(post: (message: FromServiceWorker) => void) {
    this.#post = post;
  }

  /** Does what the main thread asks for. After `enter` it returns when the dispatcher has returned: the worker then ends. */
  async receive(message: ToServiceWorker): Promise<void> {
    switch (message.type) {
      case "enter":
        await this.#enter(message.name, message.cancel, {
          advapi32: message.advapi32,
          kernel32: message.kernel32,
        });
        return this.#post({ type: "left" });
      case "running":
        return this.#state?.run();
      case "end":
        return this.#state?.end(message.exitCode);
    }
  }

  async #enter(
    name: string,
    cancel: CancelValue,
    paths: { readonly advapi32: string; readonly kernel32: string },
  ): Promise<void> {
    using libraries = new SystemLibraries(paths);
    const registry = new Registry(libraries);
    let timer: ReturnType<typeof setInterval> | undefined;
    await dispatchService(libraries, name, {
      started: (setStatus) => {
        this.#state = new ServiceState(setStatus);
        // The main thread may block meanwhile, for as long as wintun.dll creates or removes the adapter.
        timer = setInterval(() => {
          if (this.#state?.isStarting && isCancelled(registry, cancel)) this.#stop("cancel");
          else this.#state?.checkPoint();
        }, CHECKPOINT_MS);
        this.#post({ type: "started" });
      },
      control: (code) => {
        const request = STOP_CONTROLS[code];
        if (request === undefined) return false;
        this.#stop(request);
        return true;
      },
    });
    clearInterval(timer);
  }

  #stop(request: StopRequest): void {
    if (this.#state?.stop()) this.#post({ type: "stop", request });
  }
}

function isCancelled(registry: Registry, { key, value }: CancelValue): boolean {
  using open = registry.open(key);
  return open?.text(value) !== undefined;
}
