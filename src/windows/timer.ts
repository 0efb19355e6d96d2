import { addressOf, fixedMemory } from "./fixed_memory.ts";
import { closeHandle } from "./handle.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";

export const TIMER_FUNCTIONS = systemFunctions("kernel32", {
  CreateWaitableTimerExW: {
    parameters: [
      "pointer", /* LPSECURITY_ATTRIBUTES lpTimerAttributes */
      "pointer", /* LPCWSTR lpTimerName */
      "u32", /* DWORD dwFlags */
      "u32", /* DWORD dwDesiredAccess */
    ],
    result: "pointer",
  },
  SetWaitableTimer: {
    parameters: [
      "pointer", /* HANDLE hTimer */
      "usize", /* const LARGE_INTEGER *lpDueTime */
      "i32", /* LONG lPeriod */
      "pointer", /* PTIMERAPCROUTINE pfnCompletionRoutine */
      "pointer", /* LPVOID lpArgToCompletionRoutine */
      "i32", /* BOOL fResume */
    ],
    result: "i32",
  },
}, { calledOften: ["SetWaitableTimer"] });

/** Windows 10 version 1803 and later (Windows documentation, "CreateWaitableTimerExW"). */
const CREATE_WAITABLE_TIMER_HIGH_RESOLUTION = 0x2;
const TIMER_MODIFY_STATE = 0x0002;
const SYNCHRONIZE = 0x0010_0000;

/** The unit of due times: 100 ns. */
const UNITS_PER_US = 10;

/**
 * A timer that ends waits on time. The time limit of a wait itself is kept to a tick of the system's clock only, which is
 * up to 15.6 ms. The owner closes it.
 */
export class HighResolutionTimer implements Disposable {
  readonly #libraries: SystemLibraries;
  /** A LARGE_INTEGER. Negative: a time from now on. */
  readonly #due = new BigInt64Array(fixedMemory(8));
  readonly #dueAddress = addressOf(this.#due.buffer);
  #handle: Deno.PointerValue;

  private constructor(libraries: SystemLibraries, handle: Deno.PointerObject) {
    this.#libraries = libraries;
    this.#handle = handle;
  }

  /**
   * Creates a timer that is not set (CreateWaitableTimerExW).
   * @throws {Win32Error} if Windows cannot create it.
   */
  static create(libraries: SystemLibraries): HighResolutionTimer {
    const { CreateWaitableTimerExW } = libraries.bind(TIMER_FUNCTIONS);
    const access = TIMER_MODIFY_STATE | SYNCHRONIZE;
    const handle = CreateWaitableTimerExW(null, null, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, access);
    if (handle === null) throw libraries.lastError("Cannot create a timer");
    return new HighResolutionTimer(libraries, handle);
  }

  /** The handle as a number. It is signaled when the time is over, and a wait that it ends resets it. */
  get handle(): bigint {
    return Deno.UnsafePointer.value(this.#handle);
  }

  /**
   * Starts the timer, or starts it again (SetWaitableTimer).
   * @param us Microseconds from now on, a whole number, 1 and more.
   * @throws {Win32Error}
   */
  start(us: number): void {
    const { SetWaitableTimer } = this.#libraries.bind(TIMER_FUNCTIONS);
    this.#due[0] = BigInt(-us * UNITS_PER_US);
    if (SetWaitableTimer(this.#handle, this.#dueAddress, 0, null, null, 0) === 0) {
      throw this.#libraries.lastError("Cannot set a timer");
    }
  }

  /** Closes the handle. Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    closeHandle(this.#libraries, this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
