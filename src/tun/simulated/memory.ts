import { forgetDead, type Machine, newMachine } from "./machine.ts";
import { decodeMachine, encodeMachine } from "./machine_text.ts";
import type { MachineStorage } from "./storage.ts";

/** A simulated machine in memory. It ends with this object. */
export class MemoryMachine {
  #text = encodeMachine(newMachine());
  readonly #listeners = new Set<() => void>();
  readonly #running = new Set<string>();

  /** Returns access to the machine, as one process has it. The caller owns it. */
  open(): MachineStorage {
    let name: string | undefined;
    return {
      file: undefined,
      place: "in memory",
      read: () => this.#read(),
      update: (change) => this.#update(change),
      register: () => {
        name ??= crypto.randomUUID();
        this.#running.add(name);
        return name;
      },
      watch: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      tidy: () => {},
      close: () => {
        if (name !== undefined) this.#running.delete(name);
      },
    };
  }

  #read(): Machine {
    const machine = decodeMachine(this.#text);
    forgetDead(machine, (process) => this.#running.has(process));
    return machine;
  }

  #update<T>(change: (machine: Machine) => T): T {
    const machine = this.#read();
    const result = change(machine);
    const text = encodeMachine(machine);
    if (text === this.#text) return result;
    this.#text = text;
    for (const listener of [...this.#listeners]) listener();
    return result;
  }
}
