import { closeHandle, WAIT_OBJECT_0, waitForObject } from "./handle.ts";
import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { ERROR_ACCESS_DENIED } from "./win32_error.ts";

export const PROCESS_FUNCTIONS = systemFunctions("kernel32", {
  GetCurrentProcessId: { parameters: [], result: "u32" },
  OpenProcess: {
    parameters: [
      "u32", /* DWORD dwDesiredAccess */
      "i32", /* BOOL bInheritHandle */
      "u32", /* DWORD dwProcessId */
    ],
    result: "pointer",
  },
  GetProcessTimes: {
    parameters: [
      "pointer", /* HANDLE hProcess */
      "buffer", /* LPFILETIME lpCreationTime */
      "buffer", /* LPFILETIME lpExitTime */
      "buffer", /* LPFILETIME lpKernelTime */
      "buffer", /* LPFILETIME lpUserTime */
    ],
    result: "i32",
  },
});

const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
const SYNCHRONIZE = 0x10_0000;

/** Identifies a process. Windows reuses process ids, so the start time is part of the identity. */
export interface ProcessIdentity {
  readonly pid: number;
  /** A FILETIME: units of 100 ns since 1601-01-01 UTC. `undefined` if Windows does not report it. */
  readonly started: bigint | undefined;
}

/** `unknown`: a process has that PID, and Windows does not report whether it is the same one. */
export type ProcessState = "running" | "ended" | "unknown";

/** The processes of this machine. */
export class Processes {
  readonly #libraries: SystemLibraries;

  constructor(libraries: SystemLibraries) {
    this.#libraries = libraries;
  }

  /** Returns the identity of this process. */
  self(): ProcessIdentity {
    return this.identify(this.#kernel32.GetCurrentProcessId());
  }

  /** Returns the identity of the process that has that PID now. */
  identify(pid: number): ProcessIdentity {
    const handle = this.#open(pid);
    if (handle === null) return { pid, started: undefined };
    try {
      return { pid, started: this.#started(handle) };
    } finally {
      closeHandle(this.#libraries, handle);
    }
  }

  /** Returns what that process does now. */
  state({ pid, started }: ProcessIdentity): ProcessState {
    const handle = this.#open(pid);
    if (handle === null) {
      const { code } = this.#libraries.lastError("Cannot open a process");
      return code === ERROR_ACCESS_DENIED ? "unknown" : "ended";
    }
    try {
      // A process that has ended can still be opened while anybody holds a handle to it.
      if (waitForObject(this.#libraries, handle, 0) === WAIT_OBJECT_0) return "ended";
      const startedNow = this.#started(handle);
      if (started === undefined || startedNow === undefined) return "unknown";
      return startedNow === started ? "running" : "ended";
    } finally {
      closeHandle(this.#libraries, handle);
    }
  }

  get #kernel32(): BoundFunctions<typeof PROCESS_FUNCTIONS> {
    return this.#libraries.bind(PROCESS_FUNCTIONS);
  }

  /** Returns `null` if the process cannot be opened. The last error then gives the reason. */
  #open(pid: number): Deno.PointerValue {
    return this.#kernel32.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, 0, pid);
  }

  #started(handle: Deno.PointerObject): bigint | undefined {
    const times = [0, 1, 2, 3].map(() => new BigUint64Array(1));
    const done = this.#kernel32.GetProcessTimes(handle, times[0], times[1], times[2], times[3]);
    return done === 0 ? undefined : times[0][0];
  }
}
