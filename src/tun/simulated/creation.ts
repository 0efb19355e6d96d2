import type { AdapterRequest, Configured, CreatePlan } from "../host.ts";
import { cannot, lostHolderStays } from "../host_error.ts";
import type { Settings } from "../settings/settings.ts";
import type { MachineAccess } from "./access.ts";
import { deviceOf, infoOf } from "./adapter_info.ts";
import { configureAdapter, refuseTakenAddresses } from "./configuring.ts";
import { removeLeftRules } from "./dns_rules.ts";
import { legacyToRemove, loadLibrary, type LoadOptions } from "./library.ts";
import { addAdapter, findWaiting, type Holding, type Machine, type MachineAdapter } from "./machine.ts";
import { permittedGuid, refuseTaken } from "./naming.ts";

/** The time that a service may take to end that has lost its adapter, as on Windows. */
const LOST_WAIT_MS = 10_000;

/** A new adapter of the machine. */
export interface Made {
  readonly adapter: MachineAdapter;
  readonly configured: Configured;
}

/** Creates adapters on a simulated machine. */
export class Creation {
  readonly #access: MachineAccess;
  readonly #options: LoadOptions;

  constructor(access: MachineAccess, options: LoadOptions) {
    this.#access = access;
    this.#options = options;
  }

  /** @throws {HostError} as `Host.check` does. */
  async check(request: AdapterRequest, { addresses = [] }: Settings): Promise<CreatePlan> {
    const operation = cannot("create", request.name);
    this.#access.requireElevation(operation);
    const guid = await permittedGuid(request, operation);
    const machine = this.#access.storage.read();
    refuseTaken(machine, request, guid, operation);
    const removes = legacyToRemove(machine, operation, this.#options).map(deviceOf);
    refuseTakenAddresses(machine, undefined, addresses, operation);
    return { guid, removes };
  }

  /**
   * Makes an adapter with these settings, or nothing.
   * @param hold Returns what holds it.
   * @throws {HostError} as `Host.create` and `Host.configure` do.
   */
  async create(
    request: AdapterRequest,
    settings: Settings,
    hold: (machine: Machine) => Holding,
  ): Promise<Made> {
    const { name, type } = request;
    const operation = cannot("create", name);
    this.#access.requireElevation(operation);
    const guid = await permittedGuid(request, operation);
    refuseTaken(this.#access.storage.read(), request, guid, operation);
    await this.#untilLostEnded({ name, guid }, operation);
    return this.#access.change(operation, (machine) => {
      loadLibrary(machine, operation, this.#options);
      refuseTaken(machine, request, guid, operation);
      removeLeftRules(machine);
      const adapter = addAdapter(machine, { name, type, guid, holding: hold(machine) });
      return {
        adapter,
        configured: configureAdapter(machine, adapter, settings, cannot("configure", name)),
      };
    });
  }

  /** Waits for the end of a service of that name or GUID that has lost its adapter. */
  async #untilLostEnded(
    wanted: { readonly name: string; readonly guid: string },
    operation: string,
  ): Promise<void> {
    let lost: MachineAdapter | undefined;
    const hasEnded = (machine: Machine): boolean => {
      lost = findWaiting(machine, wanted, "lost");
      return lost === undefined;
    };
    if (await this.#access.happens(hasEnded, LOST_WAIT_MS)) return;
    const { owner, name } = infoOf(lost!);
    throw lostHolderStays(operation, `process ${owner?.pid}`, name);
  }
}
