import { sleepSync } from "../sleep.ts";

/** A turn takes a millisecond. A process that has the lock for longer than this hangs. */
const WAIT_MS = 10_000;
const POLL_MS = 2;

/** A locked file. The system unlocks it when the process ends, however it ends. */
export class FileLock implements Disposable {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Locks a file against all others that call this function. Waits until it is free, and makes it if it does not exist.
   * @throws {Error} if the file cannot be opened, is not a regular one, or is locked for 10 seconds.
   */
  static wait(path: string): FileLock {
    const file = openOrMake(path);
    for (const endMs = performance.now() + WAIT_MS; !tryLock(file, true);) {
      if (performance.now() >= endMs) {
        file.close();
        throw new Error("another process has been changing it for 10 seconds");
      }
      sleepSync(POLL_MS);
    }
    return new FileLock(file);
  }

  /** Idempotent. */
  close(): void {
    try {
      this.#file.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Locks a file, if nobody else has it. @throws {Error} before Deno 2.7, which cannot find out without waiting. */
function tryLock(file: Deno.FsFile, exclusive: boolean): boolean {
  const { tryLockSync } = file as { tryLockSync?(exclusive: boolean): boolean };
  if (tryLockSync === undefined) throw new Error("this Deno cannot lock files without waiting; Deno 2.7 can");
  return tryLockSync.call(file, exclusive);
}

/** Makes a file that does not exist, and locks it. */
export function lockNew(path: string): FileLock {
  const file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  file.lockSync(true);
  return new FileLock(file);
}

/** Returns whether somebody has the file locked. `false` if there is none, or something else than a regular file. */
export function isLockedByOther(path: string): boolean {
  try {
    // Opening something else, such as a pipe, may block or have effects.
    if (!Deno.lstatSync(path).isFile) return false;
    using file = Deno.openSync(path, { read: true });
    // A shared lock: two processes that look at once do not take each other for the owner.
    return !tryLock(file, false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Deletes a file, unless it is gone or in use. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
}

/** Opens a file for reading, or makes an empty one. It is never written to, and no link is followed to a file that is made. */
function openOrMake(path: string): Deno.FsFile {
  for (;;) {
    try {
      if (!Deno.lstatSync(path).isFile) throw new Error(`${path} is not a regular file`);
      return Deno.openSync(path, { read: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    try {
      return Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
    } catch (error) {
      // Another process was faster.
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}
