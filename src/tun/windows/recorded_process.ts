import type { ProcessIdentity } from "../../windows/process.ts";
import type { RegistryKey } from "../../windows/registry.ts";
import type { System } from "../../windows/system.ts";

/** A process of this program, as it has recorded itself in the registry. */
export interface RecordedProcess extends ProcessIdentity {
  /** Name of the event that asks the process to end or to let go; nobody else keeps it open. */
  readonly stopSignal: string;
}

/** Reads a process from its record. A record that is not complete is none. */
export function readProcess(key: RegistryKey): RecordedProcess | undefined {
  const [pid, started, stopSignal] = [key.dword("Pid"), key.qword("Started"), key.text("StopSignal")];
  if (pid === undefined || started === undefined || stopSignal === undefined) return undefined;
  return { pid, started: started === 0n ? undefined : started, stopSignal };
}

/** Writes a process into its record. @throws {Win32Error} */
export function writeProcess(key: RegistryKey, { pid, started, stopSignal }: RecordedProcess): void {
  key.setDword("Pid", pid);
  key.setQword("Started", started ?? 0n);
  key.setText("StopSignal", stopSignal);
}

/** Returns whether the process runs. Its stop signal decides where Windows does not let this process see that. */
export function isRunning(system: System, recorded: RecordedProcess): boolean {
  const state = system.processes.state(recorded);
  return state === "unknown" ? system.namedObjects.hasSignal(recorded.stopSignal) : state === "running";
}
