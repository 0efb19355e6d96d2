import type { RegistryKey } from "../../windows/registry.ts";
import type { WatchedKey } from "../../windows/registry_watch.ts";
import type { System } from "../../windows/system.ts";
import type { ProcessIdentity } from "../../windows/process.ts";
import type { OwnerRole } from "../adapter_info.ts";

/**
 * The registry key of the records, below HKEY_LOCAL_MACHINE. Everybody can read it, and only administrators can write it. It is not
 * `SOFTWARE\wintun`, because installers of old releases of Wintun keep values there.
 */
export const RECORDS = "SOFTWARE\\wintun adapters";

/** The adapter that a process of this program has made, or is making. */
export interface MadeAdapter {
  readonly name: string;
  readonly type: string;
  readonly role: OwnerRole;
}

/** What another process may ask of one that has a record: to release its adapter, or to end its session. */
export type Demand = "release" | "end-session";

/** The record of a process of this program that holds or serves an adapter. */
export interface ProcessRecord extends ProcessIdentity {
  /** Name of the record's registry key. No two records have the same. */
  readonly id: string;
  /** GUID of the adapter: lower case, without braces. */
  readonly guid: string;
  /** The adapter, if the process itself makes it. Absent if it serves an adapter that exists. */
  readonly made?: MadeAdapter;
  /** What the process does with the adapter that it makes. */
  readonly phase: "creating" | "holding" | "releasing";
  /** Whether the process serves the adapter, or has made it to serve it. */
  readonly serves: boolean;
}

/** The record of a process that has made an adapter. */
export type MakerRecord = ProcessRecord & { readonly made: MadeAdapter };

/** A record of this process. */
export interface OwnRecord {
  /** Resolves to what another process asks of this one, or to `undefined` when this record is released before. */
  readonly demand: Promise<Demand | undefined>;
  /** Records whether this process has the adapter. Call it when the adapter is created, and before it is removed. */
  setHasAdapter(hasAdapter: boolean): void;
  /** Records that this process serves the adapter. */
  setServes(): void;
  /** Deletes the record. Call it after the adapter was removed. Idempotent. */
  release(): void;
}

/**
 * Records which process of this program holds or serves which adapter: one record for one process and adapter. The records
 * are in the registry, where a normal user cannot change them. The record of a process that dies is ignored, and deleted when
 * an adapter is created, served, stopped or deleted. A restart of Windows deletes all records. A service needs no record: Windows
 * knows it by its name.
 */
export class ProcessRecords {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  /** The registry key that changes with the records. The end of a process does not change it. */
  readonly watchedKey: WatchedKey = { path: RECORDS, what: "everything" };

  /** Returns the records of the processes that run. */
  list(): ProcessRecord[] {
    return this.#read(() => true);
  }

  /**
   * Returns the record of the process that has made the adapter with that GUID, and runs.
   * @param guid Lower case, without braces.
   */
  maker(guid: string): MakerRecord | undefined {
    return this.#read((id) => id.guid === guid).find(isMaker);
  }

  /**
   * Returns the record of the process that serves the adapter with that GUID now.
   * @param guid Lower case, without braces.
   */
  server(guid: string): ProcessRecord | undefined {
    return this.#read((id) => id.guid === guid).find(({ serves }) => serves);
  }

  /**
   * Records this process, and creates the signal by which others ask it for something. The caller owns the result.
   * @param made The adapter that this process will make; absent if it serves one that exists.
   * @throws {Win32Error} if Windows refuses the signal or the record.
   */
  record(guid: string, made?: MadeAdapter): OwnRecord {
    this.forgetDead();
    const id = idOf(guid, this.#system.processes.self());
    const signal = this.#system.namedObjects.createSignal(signalName(id));
    const change = (write: (key: RegistryKey) => void): void => {
      using key = this.#system.registry.createVolatile(keyOf(id));
      write(key);
    };
    try {
      change((key) => writeMade(key, made));
    } catch (error) {
      signal.close();
      throw error;
    }
    let isReleased = false;
    const unlessReleased = (write: (key: RegistryKey) => void): void => {
      if (!isReleased) change(write);
    };
    return {
      demand: signal.wasSet.then((isSet) => isSet ? this.#demandOf(id) : undefined),
      setHasAdapter: (hasAdapter) => unlessReleased((key) => key.setDword("HasAdapter", Number(hasAdapter))),
      setServes: () => unlessReleased((key) => key.setDword("Serves", 1)),
      release: () => {
        isReleased = true;
        signal.close();
        this.forget(id);
      },
    };
  }

  /** Returns whether the process still runs and has not released its record. */
  isCurrent(record: RecordId): boolean {
    using key = this.#system.registry.open(keyOf(record.id));
    return key !== undefined && this.isRunning(record);
  }

  /** Returns whether the process runs. If Windows does not report that to this process, its signal must exist. */
  isRunning(process: RecordId): boolean {
    const state = this.#system.processes.state(process);
    return state === "unknown"
      ? this.#system.namedObjects.hasSignal(signalName(process.id))
      : state === "running";
  }

  /**
   * Returns whether the process that was asked for something has ended. If that process is this one, it goes on; then this
   * returns whether it has released the record.
   */
  hasEnded(record: ProcessRecord): boolean {
    return !this.isRunning(record) ||
      record.pid === this.#system.processes.self().pid && !this.isCurrent(record);
  }

  /** Asks the process for something. Returns `false` if it does not listen. */
  ask({ id }: ProcessRecord, demand: Demand): boolean {
    {
      using key = this.#system.registry.createVolatile(keyOf(id));
      key.setText("Demand", demand);
    }
    return this.#system.namedObjects.setSignal(signalName(id));
  }

  /** Records that the adapter which the process has made has another name now. @throws {Win32Error} */
  rename({ id }: MakerRecord, name: string): void {
    using key = this.#system.registry.createVolatile(keyOf(id));
    key.setText("Name", name);
  }

  /** Deletes a record, and the key of the records with the last one. */
  forget(id: string): void {
    this.#system.registry.delete(keyOf(id));
    this.#system.registry.delete(RECORDS);
  }

  /** Deletes the records of processes that have died. */
  forgetDead(): void {
    for (const id of this.#ids()) {
      if (!this.isRunning(id)) this.forget(id.id);
    }
  }

  #ids(): RecordId[] {
    using records = this.#system.registry.open(RECORDS);
    return records?.subkeys().flatMap((name) => parseId(name) ?? []) ?? [];
  }

  /** Reads the records that are wanted, of processes that run. */
  #read(isWanted: (id: RecordId) => boolean): ProcessRecord[] {
    return this.#ids().filter(isWanted).flatMap((id) => {
      using key = this.#system.registry.open(keyOf(id.id));
      return key === undefined || !this.isRunning(id) ? [] : [{ ...id, ...readValues(key) }];
    });
  }

  #demandOf(id: string): Demand {
    using key = this.#system.registry.open(keyOf(id));
    return key?.text("Demand") === "end-session" ? "end-session" : "release";
  }
}

/** The fields that are in the name of a record, so that they are there as soon as the record is. */
type RecordId = Pick<ProcessRecord, "id" | "guid" | "pid" | "started">;

/** Makes the name of a record of a process. Nobody can guess the random part, and create the signal of that name first. */
function idOf(guid: string, { pid, started = 0n }: ProcessIdentity): string {
  return [guid, pid, started, crypto.randomUUID()].join(",");
}

function parseId(id: string): RecordId | undefined {
  const [, guid, pid, started] = /^([0-9a-f-]{36}),(\d+),(\d+),/.exec(id) ?? [];
  if (guid === undefined) return undefined;
  return { id, guid, pid: Number(pid), started: started === "0" ? undefined : BigInt(started) };
}

function keyOf(id: string): string {
  return `${RECORDS}\\${id}`;
}

/** Returns the name of the event that asks a process for something. Only that process keeps the event open. */
function signalName(id: string): string {
  return `Global\\wintun-${id}`;
}

/** Returns whether the process has made the adapter itself. */
export function isMaker(record: ProcessRecord): record is MakerRecord {
  return record.made !== undefined;
}

function writeMade(key: RegistryKey, made: MadeAdapter | undefined): void {
  if (made === undefined) return;
  key.setText("Type", made.type);
  key.setText("Role", made.role);
  // The last one: without a name nothing is made.
  key.setText("Name", made.name);
}

function readValues(key: RegistryKey): Pick<ProcessRecord, "made" | "phase" | "serves"> {
  const [name, type] = [key.text("Name"), key.text("Type")];
  const role = key.text("Role") === "keeper" ? "keeper" : "command";
  const hasAdapter = key.dword("HasAdapter");
  return {
    ...(name === undefined || type === undefined ? {} : { made: { name, type, role } }),
    phase: hasAdapter === undefined ? "creating" : hasAdapter === 1 ? "holding" : "releasing",
    serves: key.dword("Serves") === 1,
  };
}
