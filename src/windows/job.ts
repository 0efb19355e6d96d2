import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

/** JOBOBJECT_EXTENDED_LIMIT_INFORMATION on 64-bit Windows (winnt.h). */
export const JOBOBJECT_EXTENDED_LIMIT_INFORMATION = { size: 144, BasicLimitInformation: 0 } as const;

/** JOBOBJECT_BASIC_LIMIT_INFORMATION on 64-bit Windows (winnt.h). */
export const JOBOBJECT_BASIC_LIMIT_INFORMATION = { size: 64, LimitFlags: 16 } as const;

export const JOB_FUNCTIONS = systemFunctions("kernel32", {
  GetCurrentProcess: { parameters: [], result: "pointer" /* HANDLE, a pseudo handle */ },
  IsProcessInJob: {
    parameters: [
      "pointer", /* HANDLE ProcessHandle */
      "pointer", /* HANDLE JobHandle */
      "buffer", /* PBOOL Result */
    ],
    result: "i32",
  },
  QueryInformationJobObject: {
    parameters: [
      "pointer", /* HANDLE hJob */
      "i32", /* JOBOBJECTINFOCLASS JobObjectInformationClass */
      "buffer", /* LPVOID lpJobObjectInformation */
      "u32", /* DWORD cbJobObjectInformationLength */
      "buffer", /* LPDWORD lpReturnLength */
    ],
    result: "i32",
  },
});

/** JOBOBJECTINFOCLASS (winnt.h). */
const JobObjectExtendedLimitInformation = 9;
const JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK = 0x1000;
const JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000;

/**
 * Returns whether Windows ends the child processes of this process together with the job of this process. That happens
 * when the last handle to the job is closed; under sshd, this is when the command has ended. The result is also `false`
 * if Windows does not report the limits of the job.
 *
 * A job that lets every child leave automatically (silent breakaway) does not hold children. libuv, and so Deno and
 * Node.js, put all children except detached ones into such a job. A job that lets children leave only on request does
 * hold them. For nested jobs, Windows reports only the innermost ("Nested Jobs", Windows documentation).
 */
export function childrenEndWithJob(libraries: SystemLibraries): boolean {
  const flags = limitFlags(libraries.bind(JOB_FUNCTIONS));
  return (flags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE) !== 0 &&
    (flags & JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK) === 0;
}

/** Returns the JOB_OBJECT_LIMIT_* flags of the job of this process, or 0 if the process is in no job. */
function limitFlags(kernel32: BoundFunctions<typeof JOB_FUNCTIONS>): number {
  const isInJob = new Int32Array(1);
  if (kernel32.IsProcessInJob(kernel32.GetCurrentProcess(), null, isInJob) === 0) return 0;
  if (isInJob[0] === 0) return 0;
  const limits = new DataView(new ArrayBuffer(JOBOBJECT_EXTENDED_LIMIT_INFORMATION.size));
  const done = kernel32.QueryInformationJobObject(
    null, // the job that this process is in
    JobObjectExtendedLimitInformation,
    limits.buffer,
    limits.byteLength,
    null,
  );
  if (done === 0) return 0;
  const { BasicLimitInformation } = JOBOBJECT_EXTENDED_LIMIT_INFORMATION;
  return limits.getUint32(BasicLimitInformation + JOBOBJECT_BASIC_LIMIT_INFORMATION.LimitFlags, true);
}
