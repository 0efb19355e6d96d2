import type { Machine } from "./machine.ts";

/** Keeps a simulated machine. Several processes may use one at once, or several hosts in one process. */
export interface MachineStorage {
  /** The path of its file. `undefined` if it is in memory. */
  readonly file: string | undefined;
  /** Where the machine is, as part of a sentence: `in memory`, or `in /home/me/lab.json`. */
  readonly place: string;
  /**
   * Returns the machine as it is now, without what processes that have ended have left. The caller owns the copy.
   * @throws {HostError} `failed` if it cannot be read.
   */
  read(): Machine;
  /**
   * Lets `change` change the machine, and stores the result. Nobody else changes the machine meanwhile. If
   * `change` throws, the machine stays as it is. Returns what `change` returns.
   * @throws {HostError} `failed` if the machine cannot be read or written; and as `change` does.
   */
  update<T>(change: (machine: Machine) => T): T;
  /**
   * Returns the name by which the machine knows the caller. The caller counts as running until `close()`, or until its
   * process ends.
   * @throws {HostError} `failed` if that cannot be recorded.
   */
  register(): string;
  /** Calls `listener` soon after each change, whoever makes it. The returned function stops that. */
  watch(listener: () => void): () => void;
  /** Deletes what processes have left that were killed. */
  tidy(): void;
  /** Idempotent. */
  close(): void;
}
