import { closeHandle, INFINITE, WAIT_OBJECT_0 } from "./handle.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_ACCESS_DENIED, ERROR_FILE_NOT_FOUND, Win32Error } from "./win32_error.ts";

export const EVENT_FUNCTIONS = systemFunctions("kernel32", {
  CreateEventW: {
    parameters: [
      "buffer", /* LPSECURITY_ATTRIBUTES lpEventAttributes */
      "i32", /* BOOL bManualReset */
      "i32", /* BOOL bInitialState */
      "buffer", /* LPCWSTR lpName */
    ],
    result: "pointer",
  },
  OpenEventW: {
    parameters: [
      "u32", /* DWORD dwDesiredAccess */
      "i32", /* BOOL bInheritHandle */
      "buffer", /* LPCWSTR lpName */
    ],
    result: "pointer",
  },
  SetEvent: { parameters: ["pointer" /* HANDLE hEvent */], result: "i32" },
  ResetEvent: { parameters: ["pointer" /* HANDLE hEvent */], result: "i32" },
  waitInBackground: {
    name: "WaitForSingleObject",
    parameters: ["pointer", /* HANDLE hHandle */ "u32" /* DWORD dwMilliseconds */],
    result: "u32",
    nonblocking: true,
  },
});

const EVENT_MODIFY_STATE = 0x0002;

/** A manual-reset event object. The owner closes it. */
export class Event implements Disposable {
  readonly #libraries: SystemLibraries;
  readonly #label: string;
  #handle: Deno.PointerValue;

  private constructor(libraries: SystemLibraries, label: string, handle: Deno.PointerObject) {
    this.#libraries = libraries;
    this.#label = label;
    this.#handle = handle;
  }

  /**
   * Creates an event that is not set (CreateEventW).
   * @param named the name by which other processes find the event, and the SECURITY_ATTRIBUTES that decide which of
   * them may open it. Without `named`, only this process can reach the event.
   * @throws {Win32Error} if Windows cannot create it.
   */
  static create(
    libraries: SystemLibraries,
    named?: { readonly name: string; readonly attributes: ArrayBuffer },
  ): Event {
    const { CreateEventW } = libraries.bind(EVENT_FUNCTIONS);
    const label = named === undefined ? "an event" : `the event ${named.name}`;
    const name = named === undefined ? null : toWideString(named.name);
    const handle = CreateEventW(named?.attributes ?? null, 1, 0, name);
    if (handle === null) throw libraries.lastError(`Cannot create ${label}`);
    return new Event(libraries, label, handle);
  }

  /**
   * Opens an event of another process, to set it (OpenEventW). Returns `undefined` if no event has that name.
   * @throws {Win32Error} for every other error.
   */
  static open(libraries: SystemLibraries, name: string): Event | undefined {
    const { OpenEventW } = libraries.bind(EVENT_FUNCTIONS);
    const label = `the event ${name}`;
    const handle = OpenEventW(EVENT_MODIFY_STATE, 0, toWideString(name));
    if (handle !== null) return new Event(libraries, label, handle);
    const error = libraries.lastError(`Cannot open ${label}`);
    if (error.code === ERROR_FILE_NOT_FOUND) return undefined;
    throw error;
  }

  /**
   * Returns whether there is an event of that name. This process need not have access to it.
   * @throws {Win32Error}
   */
  static exists(libraries: SystemLibraries, name: string): boolean {
    try {
      using event = Event.open(libraries, name);
      return event !== undefined;
    } catch (error) {
      if (error instanceof Win32Error && error.code === ERROR_ACCESS_DENIED) return true;
      throw error;
    }
  }

  /** The handle as a number. Other threads of this process can use it while the event is open. */
  get handle(): bigint {
    return Deno.UnsafePointer.value(this.#handle);
  }

  /**
   * Sets the event (SetEvent).
   * @throws {Win32Error} if Windows refuses.
   */
  set(): void {
    if (this.#libraries.bind(EVENT_FUNCTIONS).SetEvent(this.#handle) === 0) {
      throw this.#libraries.lastError(`Cannot set ${this.#label}`);
    }
  }

  /**
   * Resets the event (ResetEvent): waits block again until it is set.
   * @throws {Win32Error} if Windows refuses.
   */
  reset(): void {
    if (this.#libraries.bind(EVENT_FUNCTIONS).ResetEvent(this.#handle) === 0) {
      throw this.#libraries.lastError(`Cannot reset ${this.#label}`);
    }
  }

  /**
   * Waits on a thread of the pool until the event is set. The event must stay open until then. Resolves to `false` if
   * the wait fails.
   */
  async whenSet(): Promise<boolean> {
    const { waitInBackground } = this.#libraries.bind(EVENT_FUNCTIONS);
    return await waitInBackground(this.#handle, INFINITE) === WAIT_OBJECT_0;
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
