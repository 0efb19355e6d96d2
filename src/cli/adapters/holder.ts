import type { Launched } from "../../keeper/launch.ts";
import type { AdapterRequest, Host, Settings } from "../../tun/host.ts";
import { HostError } from "../../tun/host_error.ts";
import type { Context } from "../command.ts";
import { type HostValues, readHostChoice, writeLog } from "../host.ts";
import { InterruptedError } from "../process/interrupts.ts";

/** The wait of `create` without `--timeout`, in seconds. */
export const DEFAULT_TIMEOUT_S = 120;

/** The adapter to create, and its settings. */
export interface CreateOrder {
  readonly request: AdapterRequest;
  readonly settings: Settings;
}

/** The options of `create` that decide how the holder is started. */
export interface HolderValues extends HostValues {
  /** The longest wait until the adapter is ready, in seconds. */
  readonly timeout: number | undefined;
}

/**
 * Creates an adapter and lets something hold it that outlives this command: a keeper process, or the simulated machine.
 * After an error no adapter is left.
 *
 * @throws {InterruptedError} after an interrupt.
 * @throws {HostError} as `Environment.startKeeper`.
 */
export async function startHolder(
  { environment, output, interrupted }: Context,
  host: Host,
  values: HolderValues,
  { request, settings }: CreateOrder & { readonly request: { readonly guid: string } },
): Promise<Launched> {
  const { simulate, ...choice } = readHostChoice(values);
  if (simulate) {
    const adapter = await host.create({ ...request, role: "keeper" });
    try {
      const configured = await host.configure(adapter.info.luid, settings);
      return { info: await host.find(request.guid) ?? adapter.info, configured, endsWithJob: false };
    } catch (error) {
      adapter.close();
      throw error;
    }
  }
  try {
    return await environment.startKeeper(
      { request, settings, ...choice },
      {
        timeoutMs: (values.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
        interrupted,
        log: (line) => writeLog(output, line),
      },
    );
  } catch (error) {
    const isTimeout = error instanceof HostError && error.kind === "timeout";
    if (interrupted.aborted || isTimeout) {
      if (await removeLeftover(host, request.guid)) environment.cleanUpAfterKeeper(request.guid);
    }
    if (!interrupted.aborted) throw error;
    throw interruptedEarly();
  }
}

/** Returns the error for an interrupt before the adapter was ready. */
export function interruptedEarly(): InterruptedError {
  return new InterruptedError("Interrupted before the adapter was ready. It was removed.");
}

/**
 * Removes the adapter of a keeper that was ended before it was ready. Returns `false` if another process has an adapter
 * with that GUID by now. That adapter stays.
 */
async function removeLeftover(host: Host, guid: string): Promise<boolean> {
  const left = await host.find(guid);
  if (left === undefined) return true;
  if (left.state !== "stale") return false;
  await host.remove(left);
  return true;
}
