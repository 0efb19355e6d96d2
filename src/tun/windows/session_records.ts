import type { Signal } from "../../windows/named_objects.ts";
import type { System } from "../../windows/system.ts";
import type { AdapterInfo } from "../host.ts";
import { isRunning, readProcess, type RecordedProcess, writeProcess } from "./recorded_process.ts";

/** Everybody may read it, and only administrators may write it. */
const SESSIONS = "SOFTWARE\\wintun sessions";

/** A process of this program that serves an adapter, as it has recorded itself. */
export interface SessionRecord extends RecordedProcess {
  /** GUID of the adapter: lower case, without braces. */
  readonly guid: string;
}

/** This process's record that it serves an adapter. */
export interface OwnSession {
  /** Set by a process that wants the session to end. */
  readonly stopSignal: Signal;
  /** Closes the signal and deletes the record, unless it has become another process's. Idempotent. */
  release(): void;
}

/**
 * Which processes of this program serve which adapters. As the records of owners, they are in the registry, and a restart of
 * Windows deletes them. A process that dies leaves its record, which then counts no more.
 */
export class SessionRecords {
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  /**
   * Returns who serves the adapter now.
   * @param guid Lower case, without braces.
   */
  find(guid: string): SessionRecord | undefined {
    const record = this.#read(guid);
    return record !== undefined && isRunning(this.#system, record) ? record : undefined;
  }

  /** Adds who serves the adapter, where that is a process of ours. */
  withSession(info: AdapterInfo): AdapterInfo {
    const record = this.find(info.guid);
    return record === undefined ? info : { ...info, session: { pid: record.pid } };
  }

  /**
   * Records that this process serves the adapter, in the place of whoever did before, and makes the signal by which it is
   * asked to end. The caller has the adapter's one session, or has made the adapter.
   * @throws {Win32Error}
   */
  record(guid: string): OwnSession {
    this.forgetDead();
    const { pid, started } = this.#system.processes.self();
    // The random part keeps others from making an event of that name first.
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

  /** Sets the process's signal. */
  askToStop(record: SessionRecord): void {
    this.#system.namedObjects.setSignal(record.stopSignal);
  }

  /**
   * Whether the process that was asked to stop has ended. A program that serves in the process that asks goes on: of that
   * one the session counts.
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

  /** Deletes a record, and the key above it with the last one. */
  #forget(guid: string): void {
    this.#system.registry.delete(`${SESSIONS}\\${guid}`);
    this.#system.registry.delete(SESSIONS);
  }
}
