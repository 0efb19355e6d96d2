/// <reference lib="deno.worker" />
import { Registry } from "../registry.ts";
import { SystemLibraries } from "../system_libraries.ts";
import { dispatchService } from "./service_dispatcher.ts";
import type { CancelValue, FromServiceWorker, StopRequest, ToServiceWorker } from "./service_messages.ts";
import { CHECKPOINT_MS, ServiceState } from "./service_state.ts";

/** SERVICE_CONTROL_STOP and SERVICE_CONTROL_SHUTDOWN (winsvc.h) */
const STOP_CONTROLS: Readonly<Record<number, StopRequest>> = { 1: "stop", 5: "shutdown" };

const post = (message: FromServiceWorker): void => self.postMessage(message);

/** Set once Windows has started the service. Nobody but this worker sets its status, so no two threads race. */
let state: ServiceState | undefined;

self.onmessage = async ({ data }: MessageEvent<ToServiceWorker>) => {
  switch (data.type) {
    case "enter":
      await enter(data.name, data.cancel, { advapi32: data.advapi32, kernel32: data.kernel32 });
      post({ type: "left" });
      return self.close();
    case "running":
      return state?.run();
    case "end":
      return state?.end(data.exitCode);
  }
};

async function enter(
  name: string,
  cancel: CancelValue,
  paths: { readonly advapi32: string; readonly kernel32: string },
): Promise<void> {
  using libraries = new SystemLibraries(paths);
  const registry = new Registry(libraries);
  const stop = (request: StopRequest): void => {
    if (state?.stop()) post({ type: "stop", request });
  };
  let timer: ReturnType<typeof setInterval> | undefined;
  await dispatchService(libraries, name, {
    started: (setStatus) => {
      state = new ServiceState(setStatus);
      // The main thread may block meanwhile, for as long as wintun.dll creates or removes the adapter.
      timer = setInterval(() => {
        if (state?.isStarting && isCancelled(registry, cancel)) stop("cancel");
        else state?.checkPoint();
      }, CHECKPOINT_MS);
      post({ type: "started" });
    },
    control: (code) => {
      const request = STOP_CONTROLS[code];
      if (request === undefined) return false;
      stop(request);
      return true;
    },
  });
  clearInterval(timer);
}

function isCancelled(registry: Registry, { key, value }: CancelValue): boolean {
  using open = registry.open(key);
  return open?.text(value) !== undefined;
}
