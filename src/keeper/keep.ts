import type { AdapterInfo } from "../tun/adapter_info.ts";
import type { AdapterRequest, Configured, Host } from "../tun/host.ts";
import { adapterRemoved, cannot, deletedMeanwhile } from "../tun/host_error.ts";
import type { Settings } from "../tun/settings/settings.ts";

/** An adapter that a keeper holds, with its settings. */
export interface Kept {
  readonly info: AdapterInfo;
  readonly configured: Configured;
}

/**
 * Creates an adapter, applies the settings, calls `onReady` with the adapter as it was before them, and holds the adapter
 * until another process asks to release it (`Host.stop`) or `interrupted` is aborted. The adapter is gone when this function
 * returns or throws. Returns whether the adapter was ready: `false` if `interrupted` was aborted before.
 *
 * @throws {HostError} `removed` when the adapter was to be released before it was ready, or when somebody removed it; and
 * as `Host.create` and `Host.configure` do.
 */
export async function keepAdapter(
  host: Host,
  { request, settings }: { readonly request: AdapterRequest; readonly settings: Settings },
  onReady: (kept: Kept) => unknown,
  interrupted: AbortSignal,
): Promise<boolean> {
  if (interrupted.aborted) return false;
  using adapter = await host.create({ ...request, role: "keeper" });
  let isAsked = false;
  const asked = adapter.stopRequested.then(() => {
    isAsked = true;
  });
  const { info } = adapter;
  const configured = await host.configure(info.luid, settings);
  if (interrupted.aborted) return false;
  if (isAsked) {
    throw deletedMeanwhile(cannot("create", request.name));
  }
  await onReady({ info, configured });
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
