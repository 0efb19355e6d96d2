import type { System } from "../../windows/system.ts";
import type { LogLine } from "../../wintun/log_line.ts";
import { becomesTrue } from "../becomes_true.ts";
import type { AdapterInfo, SessionOwner } from "../host.ts";
import { cannotStopServing, HostError, servedByOther, stillHeld, stillServes } from "../host_error.ts";
import { findAdapterByLuid, isPresent, removeDevice } from "./devices.ts";
import type { OwnerRecord, OwnerRecords } from "./owner_records.ts";
import type { SessionRecords } from "./session_records.ts";

/** How long Windows may take to remove the device of a process that has ended. */
const REMOVAL_WAIT_MS = 3_000;
/** How long an owner may take that does not listen any more: it is about to end, or hangs. */
const SILENT_WAIT_MS = 3_000;
/** How long Windows may take to show that a session has ended, and a process to record the one that it has begun. */
const SESSION_WAIT_MS = 1_000;

/**
 * Asks the process of ours that holds the adapter, or has lost it, to let go of it, and waits until it is gone.
 * @throws {HostError} as `Host.stop` does.
 */
export async function stopOwner(
  system: System,
  owners: OwnerRecords,
  info: AdapterInfo,
  timeoutMs: number,
  now: () => number,
  log: (line: LogLine) => void,
): Promise<void> {
  const operation = `Cannot delete adapter "${info.name}"`;
  const record = owners.find(info.guid);
  const isGone = (): boolean => !isPresent(system, info.instanceId);
  if (record === undefined || !owners.isRunning(record)) {
    // Its owner has noticed by itself.
    if (info.state === "lost") return owners.forget(info.guid);
    if (isGone()) throw new HostError("not-found", operation, "it was deleted meanwhile");
    throw new HostError("failed", operation, "no process of this program holds it");
  }
  const end = await endOwner(owners, record, timeoutMs, now);
  if (end === "holds") throw stillHeld(operation, record.pid);
  if (end === "silent") {
    const message =
      `Process ${record.pid}, which made adapter "${info.name}", runs and does not listen any more.`;
    log({ level: "warning", message });
  }
  if (await becomesTrue(isGone, now() + REMOVAL_WAIT_MS, now)) return;
  // Nobody holds it any more: what is still there is a leftover.
  removeDevice(system, info.instanceId);
}

/**
 * Asks the owner to let go of its adapter, and waits. `silent`: it has not, and nobody listens; its record is deleted, since
 * such an owner has closed its signal, which is what it does when its adapter is gone.
 */
export async function endOwner(
  owners: OwnerRecords,
  record: OwnerRecord,
  timeoutMs: number,
  now: () => number,
): Promise<"let-go" | "holds" | "silent"> {
  const listens = owners.askToStop(record);
  const patienceMs = listens ? timeoutMs : Math.min(timeoutMs, SILENT_WAIT_MS);
  if (await becomesTrue(() => hasLetGo(owners, record), now() + patienceMs, now)) return "let-go";
  if (listens) return "holds";
  owners.forget(record.guid);
  return "silent";
}

/**
 * Asks the process of ours that serves the adapter to end, and waits until it has. Returns who that was; `undefined` when
 * nobody serves the adapter.
 * @throws {HostError} as `Host.stopSession` does.
 */
export async function stopSession(
  system: System,
  sessions: SessionRecords,
  info: AdapterInfo,
  timeoutMs: number,
  now: () => number,
): Promise<SessionOwner | undefined> {
  const operation = cannotStopServing(info.name);
  sessions.forgetDead();
  const isUp = (): boolean => findAdapterByLuid(system, info.luid)?.state === "up";
  const isSettled = (): boolean => sessions.find(info.guid) !== undefined || !isUp();
  const isOther = !await becomesTrue(isSettled, now() + SESSION_WAIT_MS, now);
  if (isOther) throw servedByOther(operation);
  const record = sessions.find(info.guid);
  if (record === undefined) return undefined;
  sessions.askToStop(record);
  if (await becomesTrue(() => sessions.hasEnded(record), now() + timeoutMs, now)) return { pid: record.pid };
  throw stillServes(operation, record.pid);
}

function hasLetGo(owners: OwnerRecords, record: OwnerRecord): boolean {
  const hasRecord = owners.find(record.guid)?.stopSignal === record.stopSignal;
  if (!owners.isRunning(record)) {
    // It ended without taking its record back.
    if (hasRecord) owners.forget(record.guid);
    return true;
  }
  // A keeper has nothing else to do: it is waited for, so that nothing of it is left.
  return record.role !== "keeper" && !hasRecord;
}
