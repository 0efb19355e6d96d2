import { becomesTrue } from "../becomes_true.ts";
import { notElevated } from "../host_error.ts";
import type { Machine } from "./machine.ts";
import type { MachineStorage } from "./storage.ts";

/** A simulated machine as a process uses it that may have to wait for other processes. */
export class MachineAccess {
  readonly storage: MachineStorage;
  readonly #now: () => number;

  /** @param now Returns milliseconds of a clock that never goes back. */
  constructor(storage: MachineStorage, now: () => number) {
    this.storage = storage;
    this.#now = now;
  }

  /** @throws {HostError} `not-elevated`. */
  requireElevation(operation: string): void {
    if (!this.storage.read().elevated) throw notElevated(operation);
  }

  /** Changes the machine, for which the process must be elevated. @throws {HostError} `not-elevated`. */
  change<T>(operation: string, change: (machine: Machine) => T): T {
    return this.storage.update((machine) => {
      if (!machine.elevated) throw notElevated(operation);
      return change(machine);
    });
  }

  /** Waits until `condition` holds for the machine. Returns `false` if it does not hold in time. */
  async happens(condition: (machine: Machine) => boolean, timeoutMs: number): Promise<boolean> {
    return await becomesTrue(() => condition(this.storage.read()), this.#now() + timeoutMs, this.#now);
  }
}
