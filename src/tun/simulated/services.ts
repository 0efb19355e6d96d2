import type { HolderEnd } from "../adapter_info.ts";
import { cannot, HostError } from "../host_error.ts";
import { RESTARTS } from "../service_restarts.ts";
import { refuseTakenAddresses } from "./configuring.ts";
import { removeLeftRules } from "./dns_rules.ts";
import {
  addAdapter,
  type Machine,
  type MachineAdapter,
  NO_FAILURES,
  removeAdapter,
  type ServiceHolding,
  type ServiceState,
} from "./machine.ts";

/** The simulated process ids stay odd. */
const PID_STEP = 2;

/** Returns a service with a simulated process of its own. */
export function newService(
  machine: Machine,
  persistent: boolean,
  state: ServiceState = "running",
): ServiceHolding {
  const pid = machine.nextPid;
  machine.nextPid += PID_STEP;
  return { kind: "service", persistent, state, pid, failures: NO_FAILURES };
}

/** Starts the service of a persistent adapter. It makes the adapter again, under the name and with the settings of its order. */
export function startService(
  machine: Machine,
  adapter: MachineAdapter,
  { failures }: ServiceHolding,
): MachineAdapter {
  return replaceByOrder(machine, adapter, { ...newService(machine, true), failures });
}

/**
 * Lets the service of a persistent adapter fail, which removes the adapter. Windows starts the service again, unless it has
 * failed too often. Returns what comes in the place of the adapter.
 * @param nowMs Milliseconds since 1970.
 * @param end Why the service does not run, if Windows does not start it.
 */
export function failService(
  machine: Machine,
  adapter: MachineAdapter,
  holding: ServiceHolding,
  nowMs: number,
  end: HolderEnd,
): MachineAdapter {
  const { count, lastMs } = holding.failures;
  const isFirst = nowMs - lastMs >= RESTARTS.resetAfterS * 1000;
  const failed = { ...holding, failures: { count: isFirst ? 1 : count + 1, lastMs: nowMs } };
  if (failed.failures.count <= RESTARTS.restartAfterMs.length) return startService(machine, adapter, failed);
  return replaceByOrder(machine, adapter, { ...failed, state: "stopped", end });
}

/**
 * Restarts the machine. Only what is persistent comes back, and network adapters that are no Wintun adapters stay. A service whose
 * adapter cannot have its addresses fails, and is stopped: Windows has started it again in vain.
 * @param exitCode That of a service that fails.
 */
export function restart(machine: Machine, exitCode: number): void {
  removeLeftRules(machine);
  const before = machine.adapters;
  machine.adapters = [];
  for (const adapter of before) {
    const { kind } = adapter.holding;
    if (adapter.holding.kind === "service" && adapter.holding.persistent) {
      replaceByOrder(machine, adapter, serviceAtStart(machine, adapter, exitCode));
    } else if (!["service", "process", "other"].includes(kind)) machine.adapters.push(adapter);
  }
}

/** Returns what the service of a persistent adapter is after the start of the machine. */
function serviceAtStart(machine: Machine, adapter: MachineAdapter, exitCode: number): ServiceHolding {
  const reason = faultAtStart(machine, adapter);
  if (reason === undefined) return newService(machine, true);
  return { ...newService(machine, true, "stopped"), end: { exitCode, reason } };
}

/** Returns why the service of an adapter fails when it starts, as the end of a sentence. `undefined` if it does not. */
function faultAtStart(machine: Machine, { name, settings }: MachineAdapter): string | undefined {
  try {
    refuseTakenAddresses(machine, undefined, settings.addresses, cannot("configure", name));
    return undefined;
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return error.reason;
  }
}

/** Puts what the order of a service says in the place of an adapter. */
function replaceByOrder(
  machine: Machine,
  adapter: MachineAdapter,
  holding: ServiceHolding,
): MachineAdapter {
  removeAdapter(machine, adapter);
  const { createdAs: name, type, guid, settings } = adapter;
  return addAdapter(machine, { name, type, guid, settings, holding });
}
