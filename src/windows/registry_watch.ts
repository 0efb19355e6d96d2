import { Event } from "./event.ts";
import type { Registry, RegistryKey } from "./registry.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { ERROR_ACCESS_DENIED, Win32Error } from "./win32_error.ts";

/** A key below HKEY_LOCAL_MACHINE to watch. While it does not exist, the nearest key above it is watched for its creation. */
export interface WatchedKey {
  readonly path: string;
  readonly what: Parameters<RegistryKey["setAtChange"]>[1];
}

/** The parts of Windows that a watch needs. */
interface Parts {
  readonly libraries: SystemLibraries;
  readonly registry: Registry;
}

/**
 * Notices changes of registry keys. The owner closes it. All keys share one event, so there may be any number of them. After each
 * change all keys are opened anew, so which keys they are may depend on the registry itself.
 */
export class RegistryWatch implements AsyncDisposable {
  readonly #registry: Registry;
  readonly #keys: () => Iterable<WatchedKey>;
  readonly #event: Event;
  readonly #open: RegistryKey[] = [];
  readonly #end: Promise<void>;
  #isClosed = false;

  /**
   * Watches from now on.
   * @param keys Returns the keys to watch. Each is watched before the next one is asked for. So a key whose values decide about
   * further keys comes before these.
   * @param onChange Called after a change. The keys are watched again by then, so that no later change is missed.
   * @param onError Called if Windows refuses to go on. The watch has ended then.
   * @throws {Win32Error} if Windows refuses to begin.
   */
  constructor(
    { libraries, registry }: Parts,
    keys: () => Iterable<WatchedKey>,
    onChange: () => void,
    onError: (error: unknown) => void,
  ) {
    this.#registry = registry;
    this.#keys = keys;
    this.#event = Event.create(libraries);
    try {
      this.#arm();
    } catch (error) {
      this.#release();
      throw error;
    }
    this.#end = this.#run(onChange).catch(onError);
  }

  /** Ends the watch. The DLLs of Windows must stay open until this resolves. Idempotent. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#event.set();
      await this.#end;
      this.#release();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(onChange: () => void): Promise<void> {
    for (;;) {
      const isSet = await this.#event.whenSet();
      if (this.#isClosed) return;
      if (!isSet) throw new Error("Windows does not wait for changes of the registry");
      this.#arm();
      onChange();
    }
  }

  #arm(): void {
    this.#closeKeys();
    // Closing the keys has set the event.
    this.#event.reset();
    for (const key of this.#keys()) this.#armKey(key);
  }

  #armKey({ path, what }: WatchedKey): void {
    const key = this.#tryOpen(path);
    if (key === undefined) return this.#awaitKey(path);
    this.#open.push(key);
    if (!key.setAtChange(this.#event.handle, what)) this.#awaitKey(path);
  }

  /** Watches the nearest key above a key that does not exist. */
  #awaitKey(path: string): void {
    for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
      const key = this.#tryOpen(above);
      if (key === undefined) continue;
      this.#open.push(key);
      if (!key.setAtChange(this.#event.handle, "subkeys")) continue;
      // The key may have been created since it was looked for, before anybody watched.
      if (this.#exists(path)) this.#event.set();
      return;
    }
  }

  #exists(path: string): boolean {
    using key = this.#tryOpen(path);
    return key !== undefined;
  }

  /** Opens a key. Returns `undefined` also for one that this user may not read: what it has cannot be listed either. */
  #tryOpen(path: string): RegistryKey | undefined {
    try {
      return this.#registry.open(path);
    } catch (error) {
      if (error instanceof Win32Error && error.code === ERROR_ACCESS_DENIED) return undefined;
      throw error;
    }
  }

  #closeKeys(): void {
    for (const key of this.#open.splice(0)) key[Symbol.dispose]();
  }

  #release(): void {
    this.#closeKeys();
    this.#event.close();
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("\\")));
}
