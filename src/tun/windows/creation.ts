import { normalGuid, parseGuid } from "../../wire/guid.ts";
import { WAIT_TIMEOUT } from "../../windows/handle.ts";
import type { System } from "../../windows/system.ts";
import {
  ERROR_ACCESS_DENIED,
  ERROR_ALREADY_EXISTS,
  ERROR_DEVICE_NOT_AVAILABLE,
  Win32Error,
} from "../../windows/win32_error.ts";
import { Adapter } from "../../wintun/adapter.ts";
import { createAdapter } from "../../wintun/creation.ts";
import type { Wintun } from "../../wintun/library.ts";
import type { AdapterInfo } from "../adapter_info.ts";
import { sameName } from "../adapter_name.ts";
import { becomesTrue } from "../becomes_true.ts";
import { deriveGuid } from "../derived_guid.ts";
import type { AdapterRequest, CreatePlan } from "../host.ts";
import { cannot, HostError, notElevated } from "../host_error.ts";
import { refuseBadName } from "../new_name.ts";
import { guidIsTaken, nameIsTaken } from "../ownership.ts";
import { alone } from "./creation_lock.ts";
import { findAdapterByLuid, listDevices, type WintunDevice } from "./devices.ts";
import { instanceIdOf } from "../instance_id.ts";
import { requestedGuid } from "../requested_guid.ts";
import type { Settings } from "../settings/settings.ts";
import { requireElevation } from "./elevation.ts";
import { type Holder, type Holders, nameOfHolder } from "./holders.ts";
import { findWithOwner } from "./inventory.ts";
import type { Loader } from "./loader.ts";
import type { OwnRecord } from "./process_records.ts";
import { refuseReplaceable } from "./replaceable.ts";
import { refuseTakenAddresses } from "./settings/addresses.ts";
import { endLost } from "./stopping.ts";

/**
 * The time that creation is repeated while Windows reports "it exists already", because an adapter with that GUID may
 * still be being removed. It starts at the first such report, before which Wintun itself waits for up to 15 s. The
 * remains of a process that died are gone at the next attempt.
 */
const REMOVAL_WAIT_MS = 10_000;
const REMOVAL_POLL_MS = 250;
/** The time that Windows may take to remove the adapter of a process that has died. */
const DEATH_WAIT_MS = 3_000;
/** The time that Windows may take to show a new adapter under its name. */
const NAME_WAIT_MS = 2_000;

/** An adapter that this process created, with its record. A service has none. */
export interface Created {
  readonly adapter: Adapter;
  readonly info: AdapterInfo;
  readonly record: OwnRecord | undefined;
}

/** Creates adapters, one process at a time, and refuses names and GUIDs that are in use. */
export class Creation {
  readonly #system: System;
  readonly #loader: Loader;
  readonly #holders: Holders;
  readonly #now: () => number;

  constructor(system: System, loader: Loader, holders: Holders, now: () => number) {
    this.#system = system;
    this.#loader = loader;
    this.#holders = holders;
    this.#now = now;
  }

  /**
   * Checks that `create` would be possible now: the process is elevated, the name is valid, name and GUID are free,
   * loading wintun.dll does not remove devices that must stay, and no other interface has one of the addresses.
   * @throws {HostError} `not-elevated`, `invalid`, `exists`; `failed` when devices of Wintun 0.13 or older would be
   * removed, when an address is taken, and as `refuseReplaceable` does for a persistent adapter.
   * @throws {Win32Error} if Windows refuses to list devices or interfaces.
   */
  async check(request: AdapterRequest, { addresses = [] }: Settings = {}): Promise<CreatePlan> {
    const operation = cannot("create", request.name);
    const guid = await this.#permittedGuid(request, operation);
    await this.#refuseTaken(request, guid, operation);
    const removes = this.#loader.legacyToRemove(operation);
    refuseTakenAddresses(this.#system.network, undefined, addresses, operation);
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
    const operation = cannot("create", request.name);
    const guid = await this.#permittedGuid(request, operation);
    const wintun = await this.#loader.load(operation);
    return await alone(this.#system, operation, async () => {
      await this.#refuseTaken(request, guid, operation);
      await endLost(this.#system, this.#holders, { name: request.name, guid }, operation, this.#now);
      return await this.#createAlone(wintun, request, guid, operation);
    });
  }

  /** Returns the GUID of the adapter. Refuses what does not depend on the adapters of the machine. */
  async #permittedGuid(request: AdapterRequest, operation: string): Promise<string> {
    requireElevation(this.#system, operation);
    refuseBadName(operation, request.name);
    const guid = requestedGuid(request, operation) ?? await this.#derivedGuid(request.name);
    if (request.persistent) refuseReplaceable(this.#system.libraries, this.#loader.givenDll, operation);
    return guid;
  }

  async #derivedGuid(name: string): Promise<string> {
    using key = this.#system.registry.open("SOFTWARE\\Microsoft\\Cryptography");
    const machineGuid = normalGuid(key?.text("MachineGuid") ?? "");
    return machineGuid === undefined ? crypto.randomUUID() : await deriveGuid(machineGuid, name);
  }

  /**
   * Waits while there is an adapter with the GUID that no process of this program holds. Such a process may just have died;
   * Windows is then removing its adapter. Returns the device that there is after that.
   */
  async #untilRemoved(guid: string): Promise<WintunDevice | undefined> {
    let device: WintunDevice | undefined;
    const isSettled = (): boolean => {
      device = listDevices(this.#system).find(({ instanceId }) => sameName(instanceId, instanceIdOf(guid)));
      return device?.luid === undefined || this.#holders.find(guid) !== undefined;
    };
    await becomesTrue(isSettled, this.#now() + DEATH_WAIT_MS, this.#now);
    return device;
  }

  /** Wintun would rename an adapter that has the name, even a physical one, and take over a device that has the GUID. */
  async #refuseTaken(request: AdapterRequest, guid: string, operation: string): Promise<void> {
    const { name } = request;
    const device = await this.#untilRemoved(guid);
    if (this.#system.network.find(name) !== undefined) {
      throw nameIsTaken(operation, findWithOwner(this.#system, this.#holders, name, false));
    }
    const holder = this.#holders.list().find((one) =>
      (sameName(one.name, name) || one.guid === guid) && this.#willHold(one)
    );
    if (holder !== undefined && sameName(holder.name, name)) {
      throw nameIsTaken(operation, findWithOwner(this.#system, this.#holders, holder.guid, false));
    }
    if (holder !== undefined || device !== undefined) {
      throw guidIsTaken(operation, guid, request, findWithOwner(this.#system, this.#holders, guid, true));
    }
  }

  /** Returns whether the holder is another than this process, and may create its adapter at any time. */
  #willHold({ guid, state }: Holder): boolean {
    return (state === "starting" || state === "stopped") && !this.#holders.isOwnService(guid);
  }

  async #createAlone(
    wintun: Wintun,
    request: AdapterRequest,
    guid: string,
    operation: string,
  ): Promise<Created> {
    const { name, type, role = "command" } = request;
    // Recorded before the adapter exists: a process that sees the adapter then also sees its owner.
    await this.#untilReleased(guid, operation);
    const made = { name, type, role };
    const { records } = this.#holders;
    const isService = this.#holders.isOwnService(guid);
    let record = isService ? undefined : records.record(guid, made);
    let adapter: Adapter | undefined;
    try {
      // The thread of a service may block, because a worker speaks with Windows for it. Another worker takes time to start.
      const make = isService ? Adapter.create : createAdapter;
      const create = (): Adapter | Promise<Adapter> => make(wintun, name, type, parseGuid(guid)!);
      adapter = await createPatiently(create, operation, this.#now);
      const info = await this.#describe(adapter.luid, name, operation);
      if (info.guid !== guid) {
        record?.release();
        record = records.record(info.guid, made);
      }
      record?.setHasAdapter(true);
      return { adapter, info: { ...info, owner: { pid: Deno.pid, ours: true, role } }, record };
    } catch (error) {
      adapter?.close();
      record?.release();
      await record?.demand;
      throw error;
    }
  }

  /** Waits until nothing else of this program holds an adapter with the GUID. A process deletes its record after the adapter is gone. */
  async #untilReleased(guid: string, operation: string): Promise<void> {
    let holder: Holder | undefined;
    const isFree = (): boolean => {
      if (this.#holders.isOwnService(guid)) return true;
      holder = this.#holders.find(guid);
      return holder === undefined;
    };
    if (await becomesTrue(isFree, this.#now() + REMOVAL_WAIT_MS, this.#now)) return;
    throw new HostError(
      "exists",
      operation,
      `${nameOfHolder(holder!)} is still removing an adapter with the same GUID`,
      { hint: "Try again later, or end that process." },
    );
  }

  /** Waits until Windows shows the new adapter under its name, and describes it. */
  async #describe(luid: bigint, name: string, operation: string): Promise<AdapterInfo> {
    let info: AdapterInfo | undefined;
    const isShown = (): boolean => {
      info = findAdapterByLuid(this.#system, luid);
      return info !== undefined && sameName(info.name, name);
    };
    const isNamed = await becomesTrue(isShown, this.#now() + NAME_WAIT_MS, this.#now);
    if (info === undefined) throw new HostError("removed", operation, "it was removed at once");
    if (isNamed) return info;
    throw new HostError("exists", operation, `Windows named it "${info.name}", because the name is taken`, {
      hint: "An adapter that is not connected may have this name. Choose another one.",
    });
  }
}

async function createPatiently(
  create: () => Adapter | Promise<Adapter>,
  operation: string,
  now: () => number,
): Promise<Adapter> {
  let deadlineMs: number | undefined;
  for (;;) {
    try {
      return await create();
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
