import type { ProcessIdentity } from "../../windows/process.ts";
import type { System } from "../../windows/system.ts";
import type { LogLine } from "../../wintun/log_line.ts";
import type { AdapterInfo, SessionOwner } from "../adapter_info.ts";
import { sameName } from "../adapter_name.ts";
import { becomesTrue } from "../becomes_true.ts";
import {
  cannot,
  cannotStopServing,
  heldByNobody,
  HostError,
  lostHolderStays,
  servedByOther,
  stillHeld,
  stillServes,
} from "../host_error.ts";
import type { AdapterService } from "./adapter_services.ts";
import { findAdapterByLuid, isPresent, removeDevice } from "./devices.ts";
import { type Holder, type Holders, nameOfHolder } from "./holders.ts";
import { isLost } from "./inventory.ts";
import type { MakerRecord, ProcessRecords } from "./process_records.ts";
import { StopRequests } from "./stop_requests.ts";

/** The time that Windows may take to remove the device of a process that has ended. */
const REMOVAL_WAIT_MS = 3_000;
/** The time that a process may take that no longer listens: it is about to end, or it hangs. */
const SILENT_WAIT_MS = 3_000;
/** The time that a process may take to end that has lost its adapter. */
const LOST_WAIT_MS = 10_000;
/** The time that Windows may take to show the end of a session, and a process to record a session that it has started. */
const SESSION_WAIT_MS = 1_000;

/**
 * Ends what of this program holds the adapter, or has lost it, and waits until the adapter is gone.
 * @throws {HostError} as `Host.stop` does.
 */
export async function stopOwner(
  system: System,
  holders: Holders,
  info: AdapterInfo,
  timeoutMs: number,
  now: () => number,
  log: (line: LogLine) => void,
): Promise<void> {
  const operation = cannot("delete", info.name);
  holders.records.forgetDead();
  const holder = holders.find(info.guid);
  const isGone = (): boolean => !isPresent(system, info.instanceId);
  if (holder === undefined) {
    // The holder has noticed the removal and ended.
    if (info.state === "lost") return;
    if (isGone()) throw new HostError("not-found", operation, "it was deleted meanwhile");
    throw heldByNobody(operation);
  }
  const end = await endHolder(system, holders, holder, timeoutMs, now);
  if (end === "holds") throw stillHeld(operation, nameOfHolder(holder));
  if (end === "silent") {
    const message =
      `Process ${holder.pid}, which made adapter "${info.name}", runs and does not listen any more.`;
    log({ level: "warning", message });
  }
  // Another process may have created an adapter with the same GUID since. Its device must stay.
  const isReplaced = (): boolean => holders.find(info.guid) !== undefined;
  if (await becomesTrue(() => isGone() || isReplaced(), now() + REMOVAL_WAIT_MS, now)) return;
  // No process holds the device any more.
  removeDevice(system, info.instanceId);
}

/**
 * Asks the holder to release its adapter, and waits until it has. Returns
 *
 * - `let-go` if the holder has released the adapter;
 * - `holds` if it has not released the adapter in time;
 * - `silent` if it is a process that has not, and does not listen for the request. Its record is deleted.
 *
 * A service is deleted.
 *
 * @param timeoutMs Milliseconds that the holder may take; at most 3 seconds count if it does not listen.
 * @throws {Win32Error} if Windows refuses to stop the service, to set the signal or to read the record.
 */
export async function endHolder(
  system: System,
  holders: Holders,
  { by }: Holder,
  timeoutMs: number,
  now: () => number,
): Promise<"let-go" | "holds" | "silent"> {
  return "service" in by
    ? await endService(system, holders, by.service, timeoutMs, now)
    : await endProcess(holders.records, by.record, timeoutMs, now);
}

/** Waits for the end of the process too, so that its program can be replaced. */
async function endService(
  { processes }: System,
  { services }: Holders,
  { guid }: AdapterService,
  timeoutMs: number,
  now: () => number,
): Promise<"let-go" | "holds"> {
  let process: ProcessIdentity | undefined;
  const requests = new StopRequests(services, guid, now);
  const hasEnded = (): boolean => {
    if (process === undefined) {
      const found = services.find(guid);
      if (found === undefined) return true;
      if (found.pid !== 0) process = processes.identify(found.pid);
      requests.repeat();
      return false;
    }
    requests.repeat();
    // To ask for the process is quick, and to ask for the service is not.
    return processes.state(process) === "ended" && services.find(guid) === undefined;
  };
  // This comes first, so that nothing starts the service again.
  services.markForDeletion(guid);
  return await becomesTrue(hasEnded, now() + timeoutMs, now) ? "let-go" : "holds";
}

async function endProcess(
  records: ProcessRecords,
  record: MakerRecord,
  timeoutMs: number,
  now: () => number,
): Promise<"let-go" | "holds" | "silent"> {
  const listens = records.ask(record, "release");
  const patienceMs = listens ? timeoutMs : Math.min(timeoutMs, SILENT_WAIT_MS);
  if (await becomesTrue(() => hasLetGo(records, record), now() + patienceMs, now)) return "let-go";
  if (listens) return "holds";
  records.forget(record.id);
  return "silent";
}

function hasLetGo(records: ProcessRecords, record: MakerRecord): boolean {
  // A process that only holds its adapter ends after it has released it.
  return record.made.role === "keeper" ? !records.isRunning(record) : !records.isCurrent(record);
}

/**
 * Ends what holds an adapter of that name or GUID and has lost it.
 * @throws {HostError} `timeout` if it does not end within 10 seconds.
 */
export async function endLost(
  system: System,
  holders: Holders,
  { name, guid }: { readonly name: string; readonly guid: string },
  operation: string,
  now: () => number,
): Promise<void> {
  for (const holder of holders.list()) {
    if (holder.guid !== guid && !sameName(holder.name, name)) continue;
    if (holder.state !== "holding" || !isLost(system, holders, holder.guid)) continue;
    if (await endHolder(system, holders, holder, LOST_WAIT_MS, now) !== "holds") continue;
    throw lostHolderStays(operation, nameOfHolder(holder), holder.name);
  }
}

/**
 * Asks the process of this program that serves the adapter to end, and waits until it has ended. Returns that process;
 * `undefined` if no process serves the adapter.
 * @throws {HostError} as `Host.stopSession` does.
 */
export async function stopSession(
  system: System,
  { records }: Holders,
  info: AdapterInfo,
  timeoutMs: number,
  now: () => number,
): Promise<SessionOwner | undefined> {
  const operation = cannotStopServing(info.name);
  records.forgetDead();
  const isUp = (): boolean => findAdapterByLuid(system, info.luid)?.state === "up";
  const isSettled = (): boolean => records.server(info.guid) !== undefined || !isUp();
  const isOther = !await becomesTrue(isSettled, now() + SESSION_WAIT_MS, now);
  if (isOther) throw servedByOther(operation);
  const record = records.server(info.guid);
  if (record === undefined) return undefined;
  records.ask(record, "end-session");
  if (await becomesTrue(() => records.hasEnded(record), now() + timeoutMs, now)) return { pid: record.pid };
  throw stillServes(operation, record.pid);
}
