import { closeHandle, INFINITE, WAIT_OBJECT_0 } from "./handle.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_FILE_NOT_FOUND } from "./win32_error.ts";

const SYMBOLS = {
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
  waitInBackground: {
    name: "WaitForSingleObject",
    parameters: ["pointer", /* HANDLE hHandle */ "u32" /* DWORD dwMilliseconds */],
    result: "u32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

const EVENT_MODIFY_STATE = 0x0002;

/** A manual-reset event object; closed with its owner. */
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
   * Makes an event that is not set (CreateEventW).
   * @param named By which other processes find it, and the SECURITY_ATTRIBUTES that say which may. Without it, only this
   * process can reach the event.
   * @throws {Win32Error}
   */
  static create(
    libraries: SystemLibraries,
    named?: { readonly name: string; readonly attributes: ArrayBuffer },
  ): Event {
    const { CreateEventW } = libraries.bind("kernel32", SYMBOLS);
    const label = named === undefined ? "an event" : `the event ${named.name}`;
    const name = named === undefined ? null : toWideString(named.name);
    const handle = CreateEventW(named?.attributes ?? null, 1, 0, name);
    if (handle === null) throw libraries.lastError(`Cannot create ${label}`);
    return new Event(libraries, label, handle);
  }

  /**
   * Opens another's event, to set it (OpenEventW); `undefined` where there is none of that name.
   * @throws {Win32Error}
   */
  static open(libraries: SystemLibraries, name: string): Event | undefined {
    const { OpenEventW } = libraries.bind("kernel32", SYMBOLS);
    const label = `the event ${name}`;
    const handle = OpenEventW(EVENT_MODIFY_STATE, 0, toWideString(name));
    if (handle !== null) return new Event(libraries, label, handle);
    const error = libraries.lastError(`Cannot open ${label}`);
    if (error.code === ERROR_FILE_NOT_FOUND) return undefined;
    throw error;
  }

  /** The handle as a number that other threads of this process can use while the event is open. */
  get handle(): bigint {
    return Deno.UnsafePointer.value(this.#handle);
  }

  /** @throws {Win32Error} */
  set(): void {
    if (this.#libraries.bind("kernel32", SYMBOLS).SetEvent(this.#handle) === 0) {
      throw this.#libraries.lastError(`Cannot set ${this.#label}`);
    }
  }

  /** Blocks a thread of the pool until the event is set; the event must stay open until then. */
  async whenSet(): Promise<boolean> {
    const { waitInBackground } = this.#libraries.bind("kernel32", SYMBOLS);
    return await waitInBackground(this.#handle, INFINITE) === WAIT_OBJECT_0;
  }

  /** Idempotent. */
  close(): void {
    if (this.#handle === null) return;
    closeHandle(this.#libraries, this.#handle);
    this.#handle = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
