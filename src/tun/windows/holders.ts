import type { System } from "../../windows/system.ts";
import type { OwnerRole } from "../adapter_info.ts";
import { type AdapterService, AdapterServices } from "./adapter_services.ts";
import { isMaker, type MakerRecord, ProcessRecords } from "./process_records.ts";

/** What of this program holds an adapter, or will hold one: a service, or a process that has recorded itself. */
export interface Holder {
  /** GUID of the adapter: lower case, without braces. */
  readonly guid: string;
  /** Name and type with which the adapter is created. */
  readonly name: string;
  readonly type: string;
  readonly role: OwnerRole;
  /** 0 if it is a service that has no process. */
  readonly pid: number;
  /**
   * - `starting`: a service that does not have the adapter yet, or has not set it up.
   * - `creating`: a process that does not have the adapter yet.
   * - `holding`: it has the adapter, or has lost it.
   * - `releasing`: it removes the adapter, or has removed it.
   * - `stopped`: a persistent service that does not run.
   */
  readonly state: "starting" | "creating" | "holding" | "releasing" | "stopped";
  readonly by: { readonly service: AdapterService } | { readonly record: MakerRecord };
}

/** The services and processes of this program that hold and serve the adapters of this machine. */
export class Holders {
  readonly services: AdapterServices;
  readonly records: ProcessRecords;
  readonly #system: System;
  /** The GUID of the adapter whose service this process is, once that is known. It stays so. */
  #ownService: string | undefined;

  constructor(system: System) {
    this.#system = system;
    this.services = new AdapterServices(system);
    this.records = new ProcessRecords(system);
  }

  /** Returns all holders. @throws {Win32Error} */
  list(): Holder[] {
    return [
      ...this.services.list().map(serviceHolder),
      ...this.records.list().filter(isMaker).map(processHolder),
    ];
  }

  /**
   * Returns what holds the adapter with that GUID.
   * @param guid Lower case, without braces.
   * @throws {Win32Error}
   */
  find(guid: string): Holder | undefined {
    const service = this.services.find(guid);
    if (service !== undefined) return serviceHolder(service);
    const record = this.records.maker(guid);
    return record && processHolder(record);
  }

  /** Gives the adapter of a holder another name, also for when a service makes it again. @throws as `AdapterServices.rename` */
  async rename({ guid, by }: Holder, name: string): Promise<void> {
    if ("service" in by) await this.services.rename(guid, name);
    else this.records.rename(by.record, name);
  }

  /** Forgets a holder that has lost its adapter and does not end. */
  giveUp({ guid, by }: Holder): void {
    if ("service" in by) this.services.forget(guid);
    else this.records.forget(by.record.id);
  }

  /** Returns whether this process is the service that holds the adapter with that GUID. */
  isOwnService(guid: string): boolean {
    if (this.#ownService === undefined) {
      const isOwn = this.services.find(guid)?.pid === this.#system.processes.self().pid;
      if (isOwn) this.#ownService = guid;
    }
    return this.#ownService === guid;
  }
}

/** Returns what to call a holder in a sentence: by its process, by which users can find and end it, if it has one. */
export function nameOfHolder({ pid, by }: Holder): string {
  return pid === 0 && "service" in by ? `the service ${by.service.service}` : `process ${pid}`;
}

function serviceHolder(service: AdapterService): Holder {
  const { guid, name, type, pid, state } = service;
  const states = {
    running: "holding",
    stopping: "releasing",
    starting: "starting",
    stopped: "stopped",
  } as const;
  return { guid, name, type, role: "keeper", pid, state: states[state], by: { service } };
}

function processHolder(record: MakerRecord): Holder {
  const { guid, pid, made, phase } = record;
  return { guid, ...made, pid, state: phase, by: { record } };
}
