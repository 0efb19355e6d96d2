import type { AdapterInfo, AdapterRequest, Configured, Host, Settings } from "../tun/host.ts";
import { adapterRemoved, HostError } from "../tun/host_error.ts";

/** An adapter that is held, with its settings. */
export interface Kept {
  readonly info: AdapterInfo;
  readonly configured: Configured;
}

/**
 * Creates an adapter, applies the settings, says so by `onReady`, and holds it until somebody asks to let go of it or
 * `interrupted` is aborted. Whatever the end, the adapter is gone then. Returns whether it was ready: `false` when it was
 * interrupted before.
 *
 * @throws {HostError} `removed` when somebody asked before it was ready, or removed the adapter at any time; and as
 * `Host.create` and `Host.configure` do.
 */
export async function keepAdapter(
  host: Host,
  { request, settings }: { readonly request: AdapterRequest; readonly settings: Settings },
  onReady: (kept: Kept) => void,
  interrupted: AbortSignal,
): Promise<boolean> {
  if (interrupted.aborted) return false;
  using adapter = await host.create({ ...request, role: "keeper" });
  let isAsked = false;
  const asked = adapter.stopRequested.then(() => {
    isAsked = true;
  });
  const configured = await host.configure(adapter.info.luid, settings);
  const info = await host.find(adapter.info.guid);
  if (interrupted.aborted) return false;
  if (info === undefined || isAsked) {
    throw new HostError("removed", `Cannot create adapter "${request.name}"`, "it was deleted meanwhile");
  }
  onReady({ info, configured });
  const end = await Promise.race([
    asked,
    aborted(interrupted),
    adapter.removed.then(() => "removed" as const),
  ]);
  if (end === "removed") throw adapterRemoved(`Cannot go on holding adapter "${info.name}"`);
  return true;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve());
    if (signal.aborted) resolve();
  });
}
