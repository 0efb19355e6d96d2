import type { Signal } from "../../windows/named_objects.ts";
import type { System } from "../../windows/system.ts";
import type { AdapterInfo } from "../host.ts";
import { isRunning, readProcess, type RecordedProcess, writeProcess } from "./recorded_process.ts";

/** The registry key of the records. Everybody can read it, and only administrators can write it. */
const SESSIONS = "SOFTWARE\\wintun sessions";

/** The record of a process of this program that serves an adapter. */
export interface SessionRecord extends RecordedProcess {
  /** GUID of the adapter: lower case, without braces. */
  readonly guid: string;
}

/** This process's record that it serves an adapter. */
export interface OwnSession {
  /** Another process sets this signal to ask this one to end its session. */
  readonly stopSignal: Signal;
  /** Closes the signal, and deletes the record unless another process has replaced it. Idempotent. */
  release(): void;
}

/**
 * Records which process of this program serves which adapter. Like the records of owners, these are in the registry, and a
 * restart of Windows deletes them. The record of a process that dies stays, but is ignored.
 */
export class SessionRecords {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  /**
   * Returns the record of the process that serves the adapter now.
   * @param guid Lower case, without braces.
   */
  find(guid: string): SessionRecord | undefined {
    const record = this.#read(guid);
    return record !== undefined && isRunning(this.#system, record) ? record : undefined;
  }

  /** Adds the process that serves the adapter, if it is one of this program. */
  withSession(info: AdapterInfo): AdapterInfo {
    const record = this.find(info.guid);
    return record === undefined ? info : { ...info, session: { pid: record.pid } };
  }

  /**
   * Records that this process serves the adapter, and creates the signal by which others ask it to end. Replaces the
   * record of another process: the caller has the adapter's one session, or has created the adapter. The caller owns the
   * result.
   * @throws {Win32Error} if Windows refuses the signal or the record.
   */
  record(guid: string): OwnSession {
    this.forgetDead();
    const { pid, started } = this.#system.processes.self();
    // No other user can guess the random part and create an event of that name first.
    const stopSignal = `Global\\wintun-serve-{${guid}}-${crypto.randomUUID()}`;
    const signal = this.#system.namedObjects.createSignal(stopSignal);
    try {
      using key = this.#system.registry.createVolatile(`${SESSIONS}\\${guid}`);
      writeProcess(key, { pid, started, stopSignal });
    } catch (error) {
      signal.close();
      throw error;
    }
    return {
      stopSignal: signal,
      release: () => {
        signal.close();
        if (this.#read(guid)?.stopSignal === stopSignal) this.#forget(guid);
      },
    };
  }

  /** Deletes the records of processes that have died. */
  forgetDead(): void {
    using records = this.#system.registry.open(SESSIONS);
    for (const guid of records?.subkeys() ?? []) {
      if (this.find(guid) === undefined) this.#forget(guid);
    }
  }

  /** Sets the stop signal of the process. */
  askToStop(record: SessionRecord): void {
    this.#system.namedObjects.setSignal(record.stopSignal);
  }

  /**
   * Returns whether the process that was asked to stop has ended. If that process is this one, it goes on; then this returns
   * whether its session has ended.
   */
  hasEnded(record: SessionRecord): boolean {
    if (!isRunning(this.#system, record)) return true;
    const isOwn = record.pid === this.#system.processes.self().pid;
    return isOwn && this.#read(record.guid)?.stopSignal !== record.stopSignal;
  }

  #read(guid: string): SessionRecord | undefined {
    using key = this.#system.registry.open(`${SESSIONS}\\${guid}`);
    const recorded = key && readProcess(key);
    return recorded && { guid, ...recorded };
  }

  /** Deletes a record, and the key of the records with the last one. */
  #forget(guid: string): void {
    this.#system.registry.delete(`${SESSIONS}\\${guid}`);
    this.#system.registry.delete(SESSIONS);
  }
}
