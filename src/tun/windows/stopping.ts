import type { System } from "../../windows/system.ts";
import type { LogLine } from "../../wintun/log_line.ts";
import { becomesTrue } from "../becomes_true.ts";
import type { AdapterInfo, SessionOwner } from "../host.ts";
import { cannotStopServing, HostError, servedByOther, stillHeld, stillServes } from "../host_error.ts";
import { findAdapterByLuid, isPresent, removeDevice } from "./devices.ts";
import type { OwnerRecord, OwnerRecords } from "./owner_records.ts";
import type { SessionRecords } from "./session_records.ts";

/** The time that Windows may take to remove the device of a process that has ended. */
const REMOVAL_WAIT_MS = 3_000;
/** The time that an owner may take that no longer listens: it is about to end, or it hangs. */
const SILENT_WAIT_MS = 3_000;
/** The time that Windows may take to show the end of a session, and a process to record a session that it has started. */
const SESSION_WAIT_MS = 1_000;

/**
 * Asks the process of this program that holds the adapter, or has lost it, to release it. Waits until the adapter is gone.
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
    // The owner has noticed the removal and ended.
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
  // A record is that of another process, which has created an adapter with the same GUID since. Its device must stay.
  const isReplaced = (): boolean => owners.find(info.guid) !== undefined;
  if (await becomesTrue(() => isGone() || isReplaced(), now() + REMOVAL_WAIT_MS, now)) return;
  // No process holds the device any more.
  removeDevice(system, info.instanceId);
}

/**
 * Asks the owner to release its adapter, and waits until it has. Returns
 *
 * - `let-go` if the owner has released the adapter;
 * - `holds` if it has not released the adapter in time;
 * - `silent` if it has not, and does not listen for the request. An owner closes its signal when its adapter is gone, so the
 *   record is deleted.
 *
 * @param timeoutMs Milliseconds that the owner may take; at most 3 seconds count if it does not listen.
 * @throws {Win32Error} if Windows refuses to set the signal or to read the record.
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
  if (owners.isCurrent(record)) owners.forget(record.guid);
  return "silent";
}

/**
 * Asks the process of this program that serves the adapter to end, and waits until it has ended. Returns that process;
 * `undefined` if no process serves the adapter.
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
  const hasRecord = owners.isCurrent(record);
  if (!owners.isRunning(record)) {
    // It ended without deleting its record.
    if (hasRecord) owners.forget(record.guid);
    return true;
  }
  // A keeper ends after it has released its adapter. Wait for that, so that its process and its log are gone too.
  return record.role !== "keeper" && !hasRecord;
}
