import { Event } from "./event.ts";
import { closeHandle, WAIT_ABANDONED, WAIT_OBJECT_0, waitForObject } from "./handle.ts";
import { PrivateNamespace } from "./private_namespace.ts";
import { ADMINISTRATORS_ONLY } from "./sddl.ts";
import { withSecurityAttributes } from "./security.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { toWideString } from "./wide_string.ts";

export const MUTEX_FUNCTIONS = systemFunctions("kernel32", {
  CreateMutexW: {
    parameters: [
      "buffer", /* LPSECURITY_ATTRIBUTES lpMutexAttributes */
      "i32", /* BOOL bInitialOwner */
      "buffer", /* LPCWSTR lpName */
    ],
    result: "pointer",
  },
  ReleaseMutex: { parameters: ["pointer" /* HANDLE hMutex */], result: "i32" },
});

const MUTEX_POLL_MS = 25;

/**
 * Kernel objects that processes find by name. The name of a signal begins with `Global\`, so that all sessions share
 * it.
 */
export class NamedObjects {
  readonly #libraries: SystemLibraries;

  constructor(libraries: SystemLibraries) {
    this.#libraries = libraries;
  }

  /**
   * Creates a signal that administrators can set. The name must be new: choose one that nobody can guess.
   * @throws {Win32Error}
   */
  createSignal(name: string): Signal {
    return withSecurityAttributes(
      this.#libraries,
      ADMINISTRATORS_ONLY,
      (attributes) => new Signal(Event.create(this.#libraries, { name, attributes })),
    );
  }

  /**
   * Sets a signal. Returns `false` if the signal does not exist: nobody created it, or its owner is gone.
   * @throws {Win32Error}
   */
  setSignal(name: string): boolean {
    using event = Event.open(this.#libraries, name);
    event?.set();
    return event !== undefined;
  }

  /**
   * Returns whether a signal exists, which its maker still keeps. This process need not have access to it.
   * @throws {Win32Error}
   */
  hasSignal(name: string): boolean {
    return Event.exists(this.#libraries, name);
  }

  /**
   * Runs `body` while it holds the lock `name`. No other process, and no other caller in this process, can hold it
   * meanwhile. A lock whose holder died is free. The lock lies in a private namespace, so that only administrators can
   * hold it. Where there are no private namespaces (Wine), everybody can.
   * @throws {MutexTimeoutError} if somebody else holds the lock for `timeoutMs`.
   * @throws {Win32Error} with ERROR_ACCESS_DENIED for a process that is not elevated.
   */
  async exclusively<T>(name: string, timeoutMs: number, body: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    await becomesFree(name, deadline, () => comeInside(name));
    try {
      using namespace = PrivateNamespace.enter(this.#libraries, name);
      const mutex = this.#createMutex(namespace === undefined ? `Global\\${name}` : `${name}\\lock`);
      try {
        await becomesFree(name, deadline, () => this.#take(mutex));
        try {
          return await body();
        } finally {
          this.#libraries.bind(MUTEX_FUNCTIONS).ReleaseMutex(mutex);
        }
      } finally {
        closeHandle(this.#libraries, mutex);
      }
    } finally {
      inside.delete(name);
    }
  }

  #createMutex(name: string): Deno.PointerObject {
    const { CreateMutexW } = this.#libraries.bind(MUTEX_FUNCTIONS);
    return withSecurityAttributes(this.#libraries, ADMINISTRATORS_ONLY, (attributes) => {
      const handle = CreateMutexW(attributes, 0, toWideString(name));
      if (handle === null) throw this.#libraries.lastError(`Cannot create the mutex ${name}`);
      return handle;
    });
  }

  #take(mutex: Deno.PointerObject): boolean {
    const result = waitForObject(this.#libraries, mutex, 0);
    return result === WAIT_OBJECT_0 || result === WAIT_ABANDONED;
  }
}

/**
 * The locks that this process holds. A mutex does not exclude its owner thread, and all JavaScript here runs on one
 * thread.
 */
const inside = new Set<string>();

function comeInside(name: string): boolean {
  if (inside.has(name)) return false;
  inside.add(name);
  return true;
}

/** Polls, because a mutex belongs to the thread that waited for it, and this thread must not block meanwhile. */
async function becomesFree(name: string, deadline: number, take: () => boolean): Promise<void> {
  while (!take()) {
    if (performance.now() >= deadline) throw new MutexTimeoutError(name);
    await new Promise((resolve) => setTimeout(resolve, MUTEX_POLL_MS));
  }
}

/** Reports that somebody else held the lock for the whole timeout. */
export class MutexTimeoutError extends Error {
  override readonly name = "MutexTimeoutError";

  constructor(name: string) {
    super(`somebody else holds the lock ${name}`);
  }
}

/** An event that other processes may set. */
export class Signal implements Disposable {
  /**
   * Resolves to `true` when somebody sets the signal, and to `false` when the signal is closed first. The system's DLLs
   * must stay open until then.
   */
  readonly wasSet: Promise<boolean>;
  readonly #event: Event;
  #state: "waiting" | "set" | "closed" = "waiting";

  /** Takes ownership of `event`, and waits for it on a thread of the pool. */
  constructor(event: Event) {
    this.#event = event;
    this.wasSet = event.whenSet().then((isSet) => {
      if (this.#state === "closed") {
        event.close();
        return false;
      }
      this.#state = "set";
      return isSet;
    });
  }

  /** Closes the signal. Idempotent. */
  close(): void {
    const before = this.#state;
    this.#state = "closed";
    if (before === "set") this.#event.close();
    // The waiting thread still needs the handle. `wasSet` closes it when that thread has returned.
    if (before === "waiting") this.#event.set();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
