import { basename, dirname, join } from "@std/path";
import { HostError } from "../host_error.ts";
import { FileLock, isLockedByOther, lockNew, removeIfThere } from "./file_locks.ts";
import { forgetDead, type Machine, newMachine, processesOf } from "./machine.ts";
import { decodeMachine, encodeMachine, MachineTextError } from "./machine_text.ts";
import { sleepSync } from "../sleep.ts";
import type { MachineStorage } from "./storage.ts";

/** A longer file is none of ours, and is not read. */
const MAX_BYTES = 16 * 1024 * 1024;
const WATCH_INTERVAL_MS = 50;
/**
 * Windows refuses to replace a file for the moment in which another process has it open, and to open one for the moment in
 * which it is replaced.
 */
const BUSY_TRIES = 100;
const BUSY_PAUSE_MS = 10;

const FOREIGN_HINT = "Name another file, or delete this one if nobody needs it. It was not changed.";

/**
 * A simulated machine in a file. Processes that use it at once take turns by a lock on a second file, `FILE.lock`. A process
 * that holds or serves an adapter has a third one, `FILE.NAME.process`, and has that locked until it ends, however it ends.
 *
 * The process may be elevated, and a normal user may be able to write to the folder. So nothing is ever written through a
 * name that such a user can have prepared as a link: each file is created as a new one, which fails where there is a link,
 * and the machine gets a new file under a name that nobody can guess, which is then renamed. To rename replaces a link, it
 * does not follow it. What exists is opened for reading only, and is replaced only if it is a regular file that this program
 * wrote.
 */
export class FileMachine implements MachineStorage {
  readonly file: string;
  readonly #makesFolder: boolean;
  #process: { readonly name: string; readonly lock: FileLock } | undefined;
  #isTurn = false;

  /**
   * Opens nothing yet.
   * @param path An absolute path. A file that does not exist is a new machine.
   * @param makesFolder Whether the folder is made, too. Default: `false`.
   */
  constructor(path: string, { makesFolder = false } = {}) {
    this.file = path;
    this.#makesFolder = makesFolder;
  }

  get place(): string {
    return `in ${this.file}`;
  }

  read(): Machine {
    return this.#attempt("read", () => this.#decode(this.#readText()));
  }

  update<T>(change: (machine: Machine) => T): T {
    return this.#inTurn(() => {
      const before = this.#attempt("read", () => this.#readText());
      const machine = this.#attempt("read", () => this.#decode(before));
      const result = change(machine);
      const after = encodeMachine(machine);
      // No file is a new machine.
      const isSame = after === (before ?? encodeMachine(newMachine()));
      if (!isSame) this.#attempt("change", () => this.#replace(after, before));
      return result;
    });
  }

  register(): string {
    // In a turn: between its creation and its lock, the file looks like one that a killed process has left.
    this.#process ??= this.#inTurn(() =>
      this.#attempt("change", () => {
        const name = crypto.randomUUID();
        return { name, lock: lockNew(this.#processPath(name)) };
      })
    );
    return this.#process.name;
  }

  watch(listener: () => void): () => void {
    let last = this.#look();
    const timer = setInterval(() => {
      const now = this.#look();
      if (now === last) return;
      last = now;
      listener();
    }, WATCH_INTERVAL_MS);
    return () => clearInterval(timer);
  }

  close(): void {
    if (this.#process === undefined) return;
    const { name, lock } = this.#process;
    this.#process = undefined;
    lock.close();
    removeIfThere(this.#processPath(name));
  }

  /** Deletes the files of processes that have ended, and files that were not renamed. */
  tidy(): void {
    this.#inTurn(() => this.#deleteLeftovers());
  }

  #deleteLeftovers(): void {
    const start = `${basename(this.file)}.`;
    for (const { name } of this.#attempt("read", () => [...Deno.readDirSync(dirname(this.file))])) {
      if (!name.startsWith(start)) continue;
      const [, process] = /^([\da-f-]{36})\.process$/.exec(name.slice(start.length)) ?? [];
      const isLeft = process === undefined
        ? /^[\da-f-]{36}\.new$/.test(name.slice(start.length))
        : !this.#isRunning(process);
      if (isLeft) removeIfThere(join(dirname(this.file), name));
    }
  }

  /** Returns a text that differs after each change, also after the end of a process. */
  #look(): string {
    try {
      return encodeMachine(this.read());
    } catch (error) {
      return String(error);
    }
  }

  /** Lets no other process change the machine meanwhile. Turns of one object can be nested. */
  #inTurn<T>(action: () => T): T {
    if (this.#isTurn) return action();
    using _turn = this.#attempt("change", () => {
      if (this.#makesFolder) Deno.mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      return FileLock.wait(`${this.file}.lock`);
    });
    this.#isTurn = true;
    try {
      return action();
    } finally {
      this.#isTurn = false;
    }
  }

  /** Returns the text of the file, or `undefined` if there is none. */
  #readText(): string | undefined {
    try {
      const { isFile, isSymlink, size } = Deno.lstatSync(this.file);
      if (!isFile) throw new MachineTextError(isSymlink ? "it is a link" : "it is not a regular file");
      if (size > MAX_BYTES) throw new MachineTextError("it is too long for the file of a simulated machine");
      return patiently(() => Deno.readTextFileSync(this.file));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  #decode(text: string | undefined): Machine {
    const machine = text === undefined ? newMachine() : decodeMachine(text);
    forgetDead(machine, (process) => this.#isRunning(process));
    return machine;
  }

  #replace(text: string, before: string | undefined): void {
    const path = `${this.file}.${crypto.randomUUID()}.new`;
    try {
      Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o600 });
      patiently(() => Deno.renameSync(path, this.file));
    } catch (error) {
      removeIfThere(path);
      throw error;
    }
    const dead = before === undefined ? [] : processesOf(decodeMachine(before));
    for (const process of dead) if (!this.#isRunning(process)) removeIfThere(this.#processPath(process));
  }

  #isRunning(process: string): boolean {
    return process === this.#process?.name || isLockedByOther(this.#processPath(process));
  }

  #processPath(process: string): string {
    return `${this.file}.${process}.process`;
  }

  #attempt<T>(what: "read" | "change", action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (error instanceof HostError) throw error;
      const operation = `Cannot ${what} the simulated machine ${this.place}`;
      const hint = error instanceof MachineTextError ? FOREIGN_HINT : "";
      throw new HostError("failed", operation, reasonOf(error), { hint, cause: error });
    }
  }
}

/** Returns why a file could not be used, as the end of a sentence. */
function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "its folder does not exist";
  if (error instanceof Deno.errors.NotCapable) return "this program has no permission for the file";
  const message = error instanceof Error ? error.message : String(error);
  // Deno's message ends with the call and the file. The operation names the file already.
  return message.replace(/: (open|writefile|rename|remove|lstat|mkdir|readdir|readfile) '.*'$/s, "");
}

/** Does something with a file of the machine that Windows may refuse for a moment: see `BUSY_TRIES`. */
function patiently<T>(action: () => T): T {
  for (let tries = 1;; tries++) {
    try {
      return action();
    } catch (error) {
      const isBusy = Deno.build.os === "windows" && error instanceof Deno.errors.PermissionDenied;
      if (!isBusy || tries === BUSY_TRIES) throw error;
      sleepSync(BUSY_PAUSE_MS);
    }
  }
}
