import type { ProcessIdentity } from "../../windows/process.ts";
import type { RegistryKey } from "../../windows/registry.ts";
import type { System } from "../../windows/system.ts";

/** The record in the registry that a process of this program has made of itself. */
export interface RecordedProcess extends ProcessIdentity {
  /** Name of the event that asks the process to end or to release the adapter. Only that process keeps the event open. */
  readonly stopSignal: string;
}

/** Reads a process from its record. Returns `undefined` if the record is not complete. */
export function readProcess(key: RegistryKey): RecordedProcess | undefined {
  const [pid, started, stopSignal] = [key.dword("Pid"), key.qword("Started"), key.text("StopSignal")];
  if (pid === undefined || started === undefined || stopSignal === undefined) return undefined;
  return { pid, started: started === 0n ? undefined : started, stopSignal };
}

/** Writes a process into its record. @throws {Win32Error} if Windows refuses a value. */
export function writeProcess(key: RegistryKey, { pid, started, stopSignal }: RecordedProcess): void {
  key.setDword("Pid", pid);
  key.setQword("Started", started ?? 0n);
  key.setText("StopSignal", stopSignal);
}

/** Returns whether the process runs. If Windows does not report that to this process, the stop signal must exist. */
export function isRunning(system: System, recorded: RecordedProcess): boolean {
  const state = system.processes.state(recorded);
  return state === "unknown" ? system.namedObjects.hasSignal(recorded.stopSignal) : state === "running";
}
