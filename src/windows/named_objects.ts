import { INFINITE, type Kernel32, lastError, WAIT_OBJECT_0 } from "./kernel32.ts";
import type { Security } from "./security.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_FILE_NOT_FOUND } from "./win32_error.ts";

const SYMBOLS = {
  OpenEventW: {
    parameters: [
      "u32", /* DWORD dwDesiredAccess */
      "i32", /* BOOL bInheritHandle */
      "buffer", /* LPCWSTR lpName */
    ],
    result: "pointer",
  },
  CreateMutexW: {
    parameters: [
      "buffer", /* LPSECURITY_ATTRIBUTES lpMutexAttributes */
      "i32", /* BOOL bInitialOwner */
      "buffer", /* LPCWSTR lpName */
    ],
    result: "pointer",
  },
  ReleaseMutex: { parameters: ["pointer" /* HANDLE hMutex */], result: "i32" },
  waitInBackground: {
    name: "WaitForSingleObject",
    parameters: ["pointer", /* HANDLE hHandle */ "u32" /* DWORD dwMilliseconds */],
    result: "u32",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** Administrators and the system may do everything, and nobody else anything. */
const ADMINISTRATORS_ONLY = "D:P(A;;GA;;;SY)(A;;GA;;;BA)";
const EVENT_MODIFY_STATE = 0x0002;
const WAIT_ABANDONED = 0x80;
const MUTEX_POLL_MS = 25;

/** Objects of the kernel that processes find by name. Names begin with `Global\`, so that all sessions share them. */
export class NamedObjects implements Disposable {
  readonly #kernel32: Kernel32;
  readonly #security: Security;
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;

  /** @param path Absolute path of kernel32.dll. */
  constructor(kernel32: Kernel32, path: string, security: Security) {
    this.#kernel32 = kernel32;
    this.#security = security;
    this.#library = Deno.dlopen(path, SYMBOLS);
  }

  /** A signal that administrators can set. The name must be new: choose one that nobody can guess. */
  createSignal(name: string): Signal {
    return this.#security.withAttributes(ADMINISTRATORS_ONLY, (attributes) => {
      const handle = this.#kernel32.symbols.CreateEventW(attributes, 1, 0, toWideString(name));
      if (handle === null) throw lastError(this.#kernel32, `Cannot create the event ${name}`);
      return new Signal(
        this.#kernel32,
        handle,
        async () => await this.#library.symbols.waitInBackground(handle, INFINITE) === WAIT_OBJECT_0,
      );
    });
  }

  /** Sets a signal. `false` when nobody has made it, or its maker is gone. */
  setSignal(name: string): boolean {
    const handle = this.#library.symbols.OpenEventW(EVENT_MODIFY_STATE, 0, toWideString(name));
    if (handle === null) {
      const error = lastError(this.#kernel32, `Cannot open the event ${name}`);
      if (error.code === ERROR_FILE_NOT_FOUND) return false;
      throw error;
    }
    try {
      if (this.#kernel32.symbols.SetEvent(handle) === 0) {
        throw lastError(this.#kernel32, `Cannot set the event ${name}`);
      }
      return true;
    } finally {
      this.#kernel32.symbols.CloseHandle(handle);
    }
  }

  /**
   * Runs `body` while no other process is inside the mutex `name`. A mutex whose holder died is free.
   * @throws {MutexTimeoutError}
   */
  async exclusively<T>(name: string, timeoutMs: number, body: () => Promise<T>): Promise<T> {
    const mutex = this.#security.withAttributes(ADMINISTRATORS_ONLY, (attributes) => {
      const handle = this.#library.symbols.CreateMutexW(attributes, 0, toWideString(name));
      if (handle === null) throw lastError(this.#kernel32, `Cannot create the mutex ${name}`);
      return handle;
    });
    try {
      await this.#acquire(mutex, name, timeoutMs);
      try {
        return await body();
      } finally {
        this.#library.symbols.ReleaseMutex(mutex);
      }
    } finally {
      this.#kernel32.symbols.CloseHandle(mutex);
    }
  }

  close(): void {
    this.#library.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Polls, because a mutex belongs to the thread that waited for it, and this thread has other things to do meanwhile. */
  async #acquire(mutex: Deno.PointerObject, name: string, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const result = this.#kernel32.symbols.WaitForSingleObject(mutex, 0);
      if (result === WAIT_OBJECT_0 || result === WAIT_ABANDONED) return;
      if (performance.now() >= deadline) throw new MutexTimeoutError(name);
      await new Promise((resolve) => setTimeout(resolve, MUTEX_POLL_MS));
    }
  }
}

/** Another process was inside for all of the time. */
export class MutexTimeoutError extends Error {
  override readonly name = "MutexTimeoutError";

  constructor(mutex: string) {
    super(`another process holds ${mutex}`);
  }
}

/** An event that other processes may set. */
export class Signal implements Disposable {
  /** Resolves `true` when somebody sets the signal, and `false` when it is closed first. */
  readonly wasSet: Promise<boolean>;
  readonly #kernel32: Kernel32;
  readonly #handle: Deno.PointerObject;
  #state: "waiting" | "set" | "closed" = "waiting";

  /** `wait` blocks a thread of the pool until the event is set. */
  constructor(kernel32: Kernel32, handle: Deno.PointerObject, wait: () => Promise<boolean>) {
    this.#kernel32 = kernel32;
    this.#handle = handle;
    this.wasSet = wait().then((isSet) => {
      if (this.#state === "closed") {
        kernel32.symbols.CloseHandle(handle);
        return false;
      }
      this.#state = "set";
      return isSet;
    });
  }

  close(): void {
    const before = this.#state;
    this.#state = "closed";
    if (before === "set") this.#kernel32.symbols.CloseHandle(this.#handle);
    // The waiting thread needs the handle; it is closed once that thread has come back.
    if (before === "waiting") this.#kernel32.symbols.SetEvent(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
