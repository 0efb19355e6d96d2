import type { RegistryKey } from "../../windows/registry.ts";
import type { System } from "../../windows/system.ts";
import type { Signal } from "../../windows/named_objects.ts";
import type { OwnerRole } from "../host.ts";
import { isRunning, readProcess, type RecordedProcess, writeProcess } from "./recorded_process.ts";

/**
 * Everybody may read it, and only administrators may write it. `SOFTWARE\wintun` is not ours: installers of old releases of
 * Wintun keep values there.
 */
const RECORDS = "SOFTWARE\\wintun adapters";
/** Inside this lock a process looks whether a name is free, creates the adapter and records itself. */
const CREATION_LOCK = "wintun-create";

/** Who made an adapter, as that process of ours has recorded it. */
export interface OwnerRecord extends RecordedProcess {
  /** Of the adapter: lower case, without braces. */
  readonly guid: string;
  readonly name: string;
  readonly type: string;
  readonly role: OwnerRole;
  /** Whether the owner has the adapter: not yet while it makes it, and no more while it lets go of it. */
  readonly hasAdapter: boolean;
}

/** This process's record of an adapter. */
export interface Ownership {
  /** Set by a process that wants the adapter to go. */
  readonly stopSignal: Signal;
  /** Records whether this process has the adapter: to be called when it is made, and before it is removed. */
  setHasAdapter(hasAdapter: boolean): void;
  /**
   * Closes the signal and deletes the record, unless it has become another owner's, both at once; to be called after the
   * adapter was removed. Resolves when nothing waits for the signal any more.
   */
  release(): Promise<unknown>;
}

/**
 * The adapters that processes of this program hold, and since when. Records are kept in the registry, where a normal
 * user cannot change them. A process that dies leaves its record, and so does a shutdown with Fast Startup, which hibernates
 * Windows' kernel; a restart of Windows deletes all records.
 */
export class OwnerRecords {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  list(): OwnerRecord[] {
    using records = this.#system.registry.open(RECORDS);
    return records?.subkeys().flatMap((guid) => this.find(guid) ?? []) ?? [];
  }

  /** @param guid Lower case, without braces. */
  find(guid: string): OwnerRecord | undefined {
    using key = this.#system.registry.open(`${RECORDS}\\${guid}`);
    const recorded = key && readProcess(key);
    const [name, type] = [key?.text("Name"), key?.text("Type")];
    // A record that is being written, or was by somebody else, is none.
    if (recorded === undefined || name === undefined || type === undefined) return undefined;
    const role = key?.text("Role") === "keeper" ? "keeper" : "command";
    return { guid, name, type, ...recorded, role, hasAdapter: key?.dword("HasAdapter") === 1 };
  }

  isRunning(record: OwnerRecord): boolean {
    return isRunning(this.#system, record);
  }

  /**
   * Records this process as the owner, and makes the signal by which it is asked to let go. To be called inside
   * `exclusively`.
   */
  record(adapter: { guid: string; name: string; type: string }, role: OwnerRole): Ownership {
    const { pid, started } = this.#system.processes.self();
    // The random part keeps others from making an event of that name first.
    const stopSignal = `Global\\wintun-keeper-{${adapter.guid}}-${crypto.randomUUID()}`;
    const signal = this.#system.namedObjects.createSignal(stopSignal);
    try {
      using key = this.#system.registry.createVolatile(`${RECORDS}\\${adapter.guid}`);
      write(key, { ...adapter, pid, started, role, stopSignal, hasAdapter: false });
    } catch (error) {
      signal.close();
      throw error;
    }
    const isOurs = (): boolean => this.find(adapter.guid)?.stopSignal === stopSignal;
    return {
      stopSignal: signal,
      setHasAdapter: (hasAdapter) => {
        if (!isOurs()) return;
        using key = this.#system.registry.createVolatile(`${RECORDS}\\${adapter.guid}`);
        key.setDword("HasAdapter", Number(hasAdapter));
      },
      release: () => {
        signal.close();
        if (isOurs()) this.forget(adapter.guid);
        return signal.wasSet;
      },
    };
  }

  /** Deletes a record, and the key above it with the last one. */
  forget(guid: string): void {
    this.#system.registry.delete(`${RECORDS}\\${guid}`);
    this.#system.registry.delete(RECORDS);
  }

  /** Deletes what processes left that died while they recorded themselves. To be called inside `exclusively`. */
  forgetUnfinished(): void {
    using records = this.#system.registry.open(RECORDS);
    for (const guid of records?.subkeys() ?? []) {
      if (this.find(guid) === undefined) this.forget(guid);
    }
  }

  /** Sets the owner's signal; `false` when nobody waits for it. */
  askToStop(record: OwnerRecord): boolean {
    return this.#system.namedObjects.setSignal(record.stopSignal);
  }

  /** Runs `body` while nobody else creates an adapter with this program. @throws {MutexTimeoutError} */
  exclusively<T>(timeoutMs: number, body: () => Promise<T>): Promise<T> {
    return this.#system.namedObjects.exclusively(CREATION_LOCK, timeoutMs, body);
  }
}

function write(key: RegistryKey, record: OwnerRecord): void {
  key.setText("Name", record.name);
  key.setText("Type", record.type);
  key.setText("Role", record.role);
  key.setDword("HasAdapter", Number(record.hasAdapter));
  writeProcess(key, record);
}
