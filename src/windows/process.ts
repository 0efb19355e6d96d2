import { type Kernel32, WAIT_OBJECT_0 } from "./kernel32.ts";
import { ERROR_ACCESS_DENIED } from "./win32_error.ts";

const SYMBOLS = {
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
} as const satisfies Deno.ForeignLibraryInterface;

const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
const SYNCHRONIZE = 0x10_0000;

/** A process beyond doubt: numbers are used again, and the time of start tells two of one number apart. */
export interface ProcessIdentity {
  readonly pid: number;
  /** FILETIME */
  readonly started: bigint;
}

/** The processes of this machine. */
export class Processes implements Disposable {
  readonly #kernel32: Kernel32;
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;

  /** @param path Absolute path of kernel32.dll. */
  constructor(kernel32: Kernel32, path: string) {
    this.#kernel32 = kernel32;
    this.#library = Deno.dlopen(path, SYMBOLS);
  }

  /** This process. */
  self(): ProcessIdentity {
    const pid = this.#library.symbols.GetCurrentProcessId();
    return { pid, started: this.#withProcess(pid, (handle) => this.#started(handle)) ?? 0n };
  }

  /** Whether that process runs now. One that may not be looked at is taken to run. */
  isRunning({ pid, started }: ProcessIdentity): boolean {
    const running = this.#withProcess(pid, (handle) => {
      const isItself = this.#started(handle) === started;
      // An ended process can be opened for as long as anybody holds a handle to it.
      return isItself && this.#kernel32.symbols.WaitForSingleObject(handle, 0) !== WAIT_OBJECT_0;
    });
    return running ?? this.#kernel32.symbols.GetLastError() === ERROR_ACCESS_DENIED;
  }

  close(): void {
    this.#library.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** `undefined` when the process cannot be opened; the last error says why. */
  #withProcess<T>(pid: number, use: (handle: Deno.PointerObject) => T): T | undefined {
    const access = PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE;
    const handle = this.#library.symbols.OpenProcess(access, 0, pid);
    if (handle === null) return undefined;
    try {
      return use(handle);
    } finally {
      this.#kernel32.symbols.CloseHandle(handle);
    }
  }

  #started(handle: Deno.PointerObject): bigint {
    const times = [0, 1, 2, 3].map(() => new BigUint64Array(1));
    const done = this.#library.symbols.GetProcessTimes(handle, times[0], times[1], times[2], times[3]);
    return done === 0 ? 0n : times[0][0];
  }
}
