import type { RegistryKey } from "../../windows/registry.ts";
import type { System } from "../../windows/system.ts";
import type { Signal } from "../../windows/named_objects.ts";
import type { OwnerRole } from "../host.ts";
import { isRunning, readProcess, type RecordedProcess, writeProcess } from "./recorded_process.ts";

/**
 * The registry key of the records. Everybody can read it, and only administrators can write it. It is not `SOFTWARE\wintun`,
 * because installers of old releases of Wintun keep values there.
 */
const RECORDS = "SOFTWARE\\wintun adapters";
/** The lock that a process holds while it checks that a name is free, creates the adapter and records itself. */
const CREATION_LOCK = "wintun-create";

/** The record of a process of this program that made an adapter. */
export interface OwnerRecord extends RecordedProcess {
  /** GUID of the adapter: lower case, without braces. */
  readonly guid: string;
  readonly name: string;
  readonly type: string;
  readonly role: OwnerRole;
  /** Whether the owner has the adapter. It has not while it creates the adapter, and while it releases it. */
  readonly hasAdapter: boolean;
}

/** This process's record of an adapter. */
export interface Ownership {
  /** Another process sets this signal to ask this one to release the adapter. */
  readonly stopSignal: Signal;
  /** Records whether this process has the adapter. Call it when the adapter is created, and before it is removed. */
  setHasAdapter(hasAdapter: boolean): void;
  /**
   * Closes the signal, and deletes the record unless another owner has replaced it. Both happen before the function returns.
   * Call it after the adapter was removed. Resolves when this process no longer waits for the signal.
   */
  release(): Promise<unknown>;
}

/**
 * Records which process of this program holds which adapter. The records are in the registry, where a normal user cannot
 * change them. The record of a process that dies stays, also over a shutdown with Fast Startup, which hibernates Windows'
 * kernel. A restart of Windows deletes all records.
 */
export class OwnerRecords {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  /** Returns all complete records. */
  list(): OwnerRecord[] {
    using records = this.#system.registry.open(RECORDS);
    return records?.subkeys().flatMap((guid) => this.find(guid) ?? []) ?? [];
  }

  /**
   * Returns the record of the adapter with that GUID, even if its owner has died.
   * @param guid Lower case, without braces.
   */
  find(guid: string): OwnerRecord | undefined {
    using key = this.#system.registry.open(`${RECORDS}\\${guid}`);
    const recorded = key && readProcess(key);
    const [name, type] = [key?.text("Name"), key?.text("Type")];
    // An incomplete record is one that a process is writing, or that another program wrote.
    if (recorded === undefined || name === undefined || type === undefined) return undefined;
    const role = key?.text("Role") === "keeper" ? "keeper" : "command";
    return { guid, name, type, ...recorded, role, hasAdapter: key?.dword("HasAdapter") === 1 };
  }

  /** Returns whether the owner runs. */
  isRunning(record: OwnerRecord): boolean {
    return isRunning(this.#system, record);
  }

  /**
   * Records this process as the owner, and creates the signal by which others ask it to release the adapter. Call it inside
   * `exclusively`. The caller owns the result.
   * @throws {Win32Error} if Windows refuses the signal or the record.
   */
  record(adapter: { guid: string; name: string; type: string }, role: OwnerRole): Ownership {
    const { pid, started } = this.#system.processes.self();
    // No other user can guess the random part and create an event of that name first.
    const stopSignal = `Global\\wintun-keeper-{${adapter.guid}}-${crypto.randomUUID()}`;
    const signal = this.#system.namedObjects.createSignal(stopSignal);
    try {
      using key = this.#system.registry.createVolatile(`${RECORDS}\\${adapter.guid}`);
      write(key, { ...adapter, pid, started, role, stopSignal, hasAdapter: false });
    } catch (error) {
      signal.close();
      throw error;
    }
    const isOurs = (): boolean => this.isCurrent({ guid: adapter.guid, stopSignal });
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

  /** Returns whether the adapter still has this record. It has not once the record was deleted or another owner replaced it. */
  isCurrent({ guid, stopSignal }: Pick<OwnerRecord, "guid" | "stopSignal">): boolean {
    return this.find(guid)?.stopSignal === stopSignal;
  }

  /** Deletes a record, and the key of the records with the last one. */
  forget(guid: string): void {
    this.#system.registry.delete(`${RECORDS}\\${guid}`);
    this.#system.registry.delete(RECORDS);
  }

  /** Deletes the incomplete records of processes that died while they wrote them. Call it inside `exclusively`. */
  forgetUnfinished(): void {
    using records = this.#system.registry.open(RECORDS);
    for (const guid of records?.subkeys() ?? []) {
      if (this.find(guid) === undefined) this.forget(guid);
    }
  }

  /** Sets the owner's stop signal. Returns `false` if no process waits for it. */
  askToStop(record: OwnerRecord): boolean {
    return this.#system.namedObjects.setSignal(record.stopSignal);
  }

  /**
   * Runs `body` while no other process of this program creates an adapter.
   * @param timeoutMs Milliseconds to wait for other processes.
   * @throws {MutexTimeoutError} if other processes create adapters for longer.
   */
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
