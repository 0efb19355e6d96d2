import type { Launched, LaunchOptions } from "../../keeper/launch.ts";
import type { AdapterInfo } from "../../tun/adapter_info.ts";
import type { AdapterRequest, Host } from "../../tun/host.ts";
import type { Settings } from "../../tun/settings/settings.ts";
import { SimulatedHost } from "../../tun/simulated/host.ts";
import type { Context } from "../command.ts";
import { type HostValues, readHostChoice, writeLog } from "../host.ts";
import type { Environment } from "../process/environment.ts";
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
 * Creates an adapter and lets something hold it that outlives this command: a service, or the simulated machine. After an error
 * no adapter is left.
 *
 * @throws {InterruptedError} after an interrupt.
 * @throws {HostError} as `Environment.startKeeper`.
 */
export async function startHolder(
  context: Context,
  host: Host,
  values: HolderValues,
  { request, settings }: CreateOrder & { readonly request: { readonly guid: string } },
): Promise<Launched> {
  const { simulate: _, ...choice } = readHostChoice(values);
  const order = { request, settings, ...choice };
  const details = context.output.json || settings.category !== undefined;
  return await unlessCalledOff(
    context.interrupted,
    keepersOf(context, host, values).startKeeper(order, { ...launchOptions(context, values), details }),
    interruptedEarly(),
  );
}

/**
 * Waits until the service of an adapter is ready, and starts it before if it does not run.
 *
 * @throws {InterruptedError} after an interrupt.
 * @throws {HostError} as `Environment.resumeKeeper`.
 */
export async function resumeHolder(
  context: Context,
  host: Host,
  values: HolderValues,
  info: AdapterInfo,
): Promise<Launched> {
  return await unlessCalledOff(
    context.interrupted,
    keepersOf(context, host, values).resumeKeeper(info, launchOptions(context, values)),
    new InterruptedError("Interrupted before the adapter was ready."),
  );
}

/** Returns the error for an interrupt before the adapter was ready. */
export function interruptedEarly(): InterruptedError {
  return new InterruptedError("Interrupted before the adapter was ready. It was removed.");
}

/** Returns what starts services on the machine of the host. */
function keepersOf(
  { environment }: Context,
  host: Host,
  { simulate }: HolderValues,
): Pick<Environment, "startKeeper" | "resumeKeeper"> {
  return simulate !== undefined && host instanceof SimulatedHost ? host : environment;
}

function launchOptions({ output, interrupted }: Context, values: HolderValues): LaunchOptions {
  return {
    timeoutMs: (values.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
    interrupted,
    log: (line) => writeLog(output, line),
  };
}

async function unlessCalledOff<T>(
  interrupted: AbortSignal,
  launching: Promise<T>,
  interruption: InterruptedError,
): Promise<T> {
  try {
    return await launching;
  } catch (error) {
    throw interrupted.aborted ? interruption : error;
  }
}
