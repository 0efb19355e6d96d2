import { normalGuid, parseGuid } from "../../wire/guid.ts";
import { WAIT_TIMEOUT } from "../../windows/handle.ts";
import { MutexTimeoutError } from "../../windows/named_objects.ts";
import type { System } from "../../windows/system.ts";
import {
  ERROR_ACCESS_DENIED,
  ERROR_ALREADY_EXISTS,
  ERROR_DEVICE_NOT_AVAILABLE,
  Win32Error,
} from "../../windows/win32_error.ts";
import type { Adapter } from "../../wintun/adapter.ts";
import { createAdapter } from "../../wintun/creation.ts";
import type { Wintun } from "../../wintun/library.ts";
import { adapterNameFault, sameName } from "../adapter_name.ts";
import { becomesTrue } from "../becomes_true.ts";
import { deriveGuid } from "../derived_guid.ts";
import type { AdapterInfo, AdapterRequest, CreatePlan, Settings } from "../host.ts";
import { HostError, notElevated } from "../host_error.ts";
import { guidIsTaken, nameIsTaken } from "../ownership.ts";
import { findAdapterByLuid, listDevices, removeDevice, type WintunDevice } from "./devices.ts";
import { instanceIdOf } from "../instance_id.ts";
import { requestedGuid } from "../requested_guid.ts";
import { requireElevation } from "./elevation.ts";
import { findWithOwner, isLost, withOwner } from "./inventory.ts";
import type { OwnerRecord, OwnerRecords, Ownership } from "./owner_records.ts";
import type { Loader } from "./loader.ts";
import { refuseTakenAddresses } from "./settings.ts";
import { endOwner } from "./stopping.ts";

/**
 * The time that creation is repeated while Windows reports "it exists already", because an adapter with that GUID may
 * still be being removed. It starts at the first such report, before which Wintun itself waits for up to 15 s. The
 * remains of a process that died are gone at the next attempt.
 */
const REMOVAL_WAIT_MS = 10_000;
const REMOVAL_POLL_MS = 250;
/** The time to wait for other processes that create adapters. One of them may take a minute and a half. */
const TURN_WAIT_MS = 110_000;
/** The time that Windows may take to show a new adapter under its name. */
const NAME_WAIT_MS = 2_000;
const NAME_POLL_MS = 20;

/** An adapter that this process created, with its record. */
export interface Created {
  readonly adapter: Adapter;
  readonly info: AdapterInfo;
  readonly ownership: Ownership;
}

/** Creates adapters, one process at a time, and refuses names and GUIDs that are in use. */
export class Creation {
  readonly #system: System;
  readonly #loader: Loader;
  readonly #owners: OwnerRecords;
  readonly #now: () => number;

  constructor(system: System, loader: Loader, owners: OwnerRecords, now: () => number) {
    this.#system = system;
    this.#loader = loader;
    this.#owners = owners;
    this.#now = now;
  }

  /**
   * Checks that `create` would be possible now: the process is elevated, the name is valid, name and GUID are free,
   * loading wintun.dll does not remove devices that must stay, and no other interface has one of the addresses.
   * @throws {HostError} `not-elevated`, `invalid`, `exists`; `failed` when devices of Wintun 0.13 or older would be
   * removed, or an address is taken.
   * @throws {Win32Error} if Windows refuses to list devices or interfaces.
   */
  async check(request: AdapterRequest, { addresses = [] }: Settings = {}): Promise<CreatePlan> {
    const operation = `Cannot create adapter "${request.name}"`;
    requireElevation(this.#system, operation);
    const fault = adapterNameFault(request.name);
    if (fault !== undefined) throw new HostError("invalid", operation, fault);
    const guid = requestedGuid(request, operation) ?? await this.#derivedGuid(request.name);
    this.#refuseTaken(request.name, guid, operation);
    const removes = this.#loader.legacyToRemove(operation);
    // The adapter that a dead owner left is removed before, with its addresses.
    const stale = this.#system.network.find(request.name)?.luid ?? this.#deviceOf(guid)?.luid;
    refuseTakenAddresses(this.#system.network, stale, addresses, operation);
    return { guid, removes };
  }

  /**
   * Creates an adapter and records this process as its owner; the caller owns both. Waits for up to 110 s for other
   * processes that create adapters, and then for Windows to make the device: for up to 15 s, and longer when an old driver
   * has to be unloaded. This thread is not blocked meanwhile.
   * @throws {HostError} as `check`; `library`; `timeout` when other processes create adapters all the time, when Windows does
   * not start the device, or when an owner that has lost its adapter does not end; `exists` when Windows gives the adapter
   * another name; `removed` when somebody removes it at once.
   * @throws {Win32Error} for any other failure of WintunCreateAdapter (wintun.h).
   */
  async create(request: AdapterRequest): Promise<Created> {
    const operation = `Cannot create adapter "${request.name}"`;
    const { guid } = await this.check(request);
    const wintun = await this.#loader.load(operation);
    try {
      return await this.#owners.exclusively(TURN_WAIT_MS, async () => {
        this.#refuseTaken(request.name, guid, operation);
        await this.#cleanUp(request.name, guid, operation);
        return await this.#createAlone(wintun, request, guid, operation);
      });
    } catch (error) {
      if (!(error instanceof MutexTimeoutError)) throw error;
      throw new HostError("timeout", operation, "other processes were creating adapters all the time", {
        hint: "Try again later.",
        cause: error,
      });
    }
  }

  async #derivedGuid(name: string): Promise<string> {
    using key = this.#system.registry.open("SOFTWARE\\Microsoft\\Cryptography");
    const machineGuid = normalGuid(key?.text("MachineGuid") ?? "");
    return machineGuid === undefined ? crypto.randomUUID() : await deriveGuid(machineGuid, name);
  }

  /** Wintun would rename an adapter that has the name, even a physical one, and take over a device that has the GUID. */
  #refuseTaken(name: string, guid: string, operation: string): void {
    const luid = this.#system.network.find(name)?.luid;
    if (luid !== undefined && !this.#isStale(luid)) {
      throw nameIsTaken(operation, findWithOwner(this.#system, this.#owners, name, false));
    }
    const record = this.#owners.find(guid);
    const isLeft = record !== undefined && !this.#owners.isRunning(record);
    if (this.#deviceOf(guid) !== undefined && !isLeft) {
      throw guidIsTaken(operation, guid, name, findWithOwner(this.#system, this.#owners, guid, true));
    }
  }

  #isStale(luid: bigint): boolean {
    const info = findAdapterByLuid(this.#system, luid);
    return info !== undefined && withOwner(info, this.#owners).state === "stale";
  }

  /** Removes the remains of dead owners of the name or the GUID, and ends owners that have lost their adapter. */
  async #cleanUp(name: string, guid: string, operation: string): Promise<void> {
    this.#owners.forgetUnfinished();
    for (const record of this.#owners.list()) {
      if (record.guid !== guid && !sameName(record.name, name)) continue;
      if (!this.#owners.isRunning(record)) {
        removeDevice(this.#system, instanceIdOf(record.guid));
        this.#owners.forget(record.guid);
      } else if (isLost(this.#system, this.#owners, record.guid)) {
        if (await endOwner(this.#owners, record, REMOVAL_WAIT_MS, this.#now) !== "holds") continue;
        throw new HostError(
          "timeout",
          operation,
          `process ${record.pid} has lost the adapter that it held, was asked to end, and has not`,
          { hint: `wintun delete "${record.name}" --force gives up on that process.` },
        );
      }
    }
  }

  #deviceOf(guid: string): WintunDevice | undefined {
    return listDevices(this.#system).find(({ instanceId }) => sameName(instanceId, instanceIdOf(guid)));
  }

  async #createAlone(
    wintun: Wintun,
    request: AdapterRequest,
    guid: string,
    operation: string,
  ): Promise<Created> {
    const { name, type, role = "command" } = request;
    // Recorded before the adapter exists: a process that sees the adapter then also sees its owner.
    await this.#untilTakenBack(guid, operation);
    const recorded = this.#owners.record({ guid, name, type }, role);
    let adapter: Adapter | undefined;
    try {
      adapter = await createPatiently(wintun, request, parseGuid(guid)!, operation, this.#now);
      const info = await this.#describe(adapter.luid, name, operation);
      const owner = { pid: Deno.pid, ours: true, role };
      const isAsAsked = info.guid === guid;
      const ownership = isAsAsked ? recorded : this.#owners.record({ guid: info.guid, name, type }, role);
      if (!isAsAsked) await recorded.release();
      ownership.setHasAdapter(true);
      return { adapter, info: { ...info, owner }, ownership };
    } catch (error) {
      adapter?.close();
      await recorded.release();
      throw error;
    }
  }

  /** Waits until no running owner has a record of the GUID. An owner deletes its record after its adapter is gone. */
  async #untilTakenBack(guid: string, operation: string): Promise<void> {
    let record: OwnerRecord | undefined;
    const isFree = (): boolean => {
      record = this.#owners.find(guid);
      return record === undefined || !this.#owners.isRunning(record);
    };
    if (await becomesTrue(isFree, this.#now() + REMOVAL_WAIT_MS, this.#now)) return;
    throw new HostError(
      "exists",
      operation,
      `process ${record!.pid} is still removing an adapter with the same GUID`,
      {
        hint: "Try again later, or end that process.",
      },
    );
  }

  /** Waits until Windows shows the new adapter under its name, and describes it. */
  async #describe(luid: bigint, name: string, operation: string): Promise<AdapterInfo> {
    const deadlineMs = this.#now() + NAME_WAIT_MS;
    for (;;) {
      const info = findAdapterByLuid(this.#system, luid);
      if (info !== undefined && sameName(info.name, name)) return info;
      if (this.#now() < deadlineMs) {
        await new Promise((wake) => setTimeout(wake, NAME_POLL_MS));
        continue;
      }
      if (info === undefined) throw new HostError("removed", operation, "it was removed at once");
      throw new HostError("exists", operation, `Windows named it "${info.name}", because the name is taken`, {
        hint: "An adapter that is not connected may have this name. Choose another one.",
      });
    }
  }
}

async function createPatiently(
  wintun: Wintun,
  { name, type }: AdapterRequest,
  guid: Uint8Array<ArrayBuffer>,
  operation: string,
  now: () => number,
): Promise<Adapter> {
  let deadlineMs: number | undefined;
  for (;;) {
    try {
      return await createAdapter(wintun, name, type, guid);
    } catch (error) {
      if (!(error instanceof Win32Error)) throw error;
      if (error.code === ERROR_ACCESS_DENIED) throw notElevated(operation, error);
      if (error.code === WAIT_TIMEOUT || error.code === ERROR_DEVICE_NOT_AVAILABLE) {
        throw new HostError("timeout", operation, "Windows has not started the device", {
          hint:
            "Try again. If this happens again, check that the service NetSetupSvc (Network Setup Service) is not disabled.",
          cause: error,
        });
      }
      if (error.code !== ERROR_ALREADY_EXISTS) throw error;
      deadlineMs ??= now() + REMOVAL_WAIT_MS;
      if (now() < deadlineMs) {
        await new Promise((wake) => setTimeout(wake, REMOVAL_POLL_MS));
        continue;
      }
      throw new HostError(
        "exists",
        operation,
        "an adapter with this GUID exists, or is still being removed",
        {
          cause: error,
        },
      );
    }
  }
}
