import type { AdapterInfo, SessionOwner } from "../adapter_info.ts";
import {
  cannot,
  cannotStopServing,
  heldByNobody,
  noSuchAdapter,
  servedByOther,
  stillHeld,
  stillServes,
} from "../host_error.ts";
import type { MachineAccess } from "./access.ts";
import { infoOf } from "./adapter_info.ts";
import { removeLeftRules } from "./dns_rules.ts";
import { byGuid, isUp, removeAdapter } from "./machine.ts";

/** Ends what holds an adapter, and waits until the adapter is gone. @throws {HostError} as `Host.stop` does. */
export async function stopOwner(
  access: MachineAccess,
  { name, guid }: AdapterInfo,
  timeoutMs: number,
): Promise<void> {
  const operation = cannot("delete", name);
  const holder = access.change(operation, (machine) => {
    const adapter = byGuid(machine, guid);
    if (adapter === undefined) throw noSuchAdapter(operation);
    const { holding } = adapter;
    if (holding.kind === "process") adapter.holding = { ...holding, isAsked: true };
    else if (holding.kind !== "service") throw heldByNobody(operation);
    // No process stands behind a simulated service, so the adapter is removed here, unless the service hangs.
    else if (holding.state !== "lost") removeAdapter(machine, adapter);
    removeLeftRules(machine);
    return adapter;
  });
  if (await access.happens(({ adapters }) => adapters.every(({ id }) => id !== holder.id), timeoutMs)) return;
  throw stillHeld(operation, `process ${infoOf(holder).owner?.pid}`);
}

/** Ends the session of the process that serves an adapter. @throws {HostError} as `Host.stopSession` does. */
export async function stopSession(
  access: MachineAccess,
  { name, guid }: AdapterInfo,
  timeoutMs: number,
): Promise<SessionOwner | undefined> {
  const operation = cannotStopServing(name);
  const server = access.change(operation, (machine) => {
    const adapter = byGuid(machine, guid);
    if (adapter?.server === undefined) {
      if (adapter !== undefined && isUp(adapter)) throw servedByOther(operation);
      return undefined;
    }
    return adapter.server = { ...adapter.server, isAsked: true };
  });
  if (server === undefined) return undefined;
  const { handle, pid } = server;
  if (await access.happens((machine) => byGuid(machine, guid)?.server?.handle !== handle, timeoutMs)) {
    return { pid };
  }
  throw stillServes(operation, pid);
}
