import { normalGuid } from "../../wire/guid.ts";
import { MutexTimeoutError } from "../../windows/named_objects.ts";
import type { WatchedKey } from "../../windows/registry_watch.ts";
import type { Service } from "../../windows/services/service.ts";
import { type ServiceConflict, ServiceManager } from "../../windows/services/service_manager.ts";
import type { ServiceRight } from "../../windows/services/service_rights.ts";
import type { ServiceProcessStatus } from "../../windows/services/service_status.ts";
import type { System } from "../../windows/system.ts";
import { ERROR_ACCESS_DENIED, ERROR_SERVICE_SPECIFIC_ERROR, Win32Error } from "../../windows/win32_error.ts";
import type { HolderEnd } from "../adapter_info.ts";
import { type AdapterOrder, orderedSettings } from "../adapter_order.ts";
import { buildOf, PROGRAM_VERSION } from "../program_version.ts";
import { SERVICE_COMMAND, SERVICE_PREFIX, serviceName } from "../service_name.ts";
import { RESTARTS } from "../service_restarts.ts";
import type { Settings } from "../settings/settings.ts";
import {
  cancelValue,
  parametersKey,
  REASON_VALUE,
  reportKey,
  serviceKey,
  SERVICES_KEY,
} from "./service_keys.ts";
import { readableOrderIn, ServiceOrders } from "./service_orders.ts";

/** The lock that a process holds while it makes a service and starts it, or removes one that was never started. */
const SERVICE_LOCK = "wintun-service";
const LOCK_WAIT_MS = 60_000;
/**
 * Who may do what with a service: the system and the administrators all of what they may do with any service, and every
 * user may read its configuration and its status. The default lets only those users read it that are logged on at the machine.
 */
export const SERVICE_SECURITY =
  "D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCRC;;;AU)";
/** Windows starts a network device only when these run. */
const DEPENDENCIES = ["Nsi", "Tcpip"];

/** A service of this program that holds an adapter. */
export interface AdapterService {
  /** GUID of the adapter: lower case, without braces. */
  readonly guid: string;
  /** Name of the service: `wintun$` and the GUID. */
  readonly service: string;
  /** Name and type of the adapter in its order. */
  readonly name: string;
  readonly type: string;
  readonly state: "starting" | "running" | "stopping" | "stopped";
  /** 0 if the service has no process. */
  readonly pid: number;
  /** Whether the service stays when it stops, and starts with Windows. */
  readonly persistent: boolean;
  /** The version of this program that the service runs, or has run last. `undefined` if it was never started. */
  readonly version: string | undefined;
  /** The build of that version (`buildOf`). `undefined` if it was never started. */
  readonly build: string | undefined;
  /** Why it does not run. Present if it is stopped. */
  readonly end?: HolderEnd;
  /** The settings that the adapter gets when it starts. Present if it is stopped, and has an order that can be read. */
  readonly startSettings?: Settings;
}

/**
 * Returns the name of the service of an adapter that users see. Two services cannot have the same.
 * @param isNameShared Whether the name may be that of another service, so that this one's has the GUID too.
 */
function displayNameOf(name: string, guid: string, isNameShared: boolean): string {
  return `Wintun adapter: ${name}${isNameShared ? ` {${guid}}` : ""}`;
}

/**
 * The services of this program: one for each adapter that `create` makes. Windows lets one service have a name, so nobody else
 * holds an adapter with that GUID. A service of that name that runs something else is another program's, and is left alone.
 *
 * A service that is not persistent marks itself for deletion when it starts, so Windows deletes it however it ends. One that is
 * neither persistent nor running is rubbish: it was created and never started, or Windows was restarted. It is not listed, and
 * the next one to create or delete an adapter removes it.
 */
export class AdapterServices {
  readonly orders: ServiceOrders;
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
    this.orders = new ServiceOrders(system);
  }

  /** Returns the services that hold an adapter, or will hold one. @throws {Win32Error} */
  list(): AdapterService[] {
    return this.#guids().flatMap((guid) => this.find(guid) ?? []);
  }

  /** Returns the registry keys that change when a service comes, goes, reports or gets another order. @throws {Win32Error} */
  *watchedKeys(): Iterable<WatchedKey> {
    // Much else is written below this key, about programs that start and end.
    yield { path: SERVICES_KEY, what: "subkeys" };
    for (const guid of this.#guids()) {
      yield { path: serviceKey(guid), what: "everything" };
    }
  }

  /**
   * Returns the service of the adapter with that GUID. `undefined` if there is none, or only rubbish, or if this user may not
   * ask for its status.
   * @param guid Lower case, without braces.
   * @throws {Win32Error}
   */
  find(guid: string): AdapterService | undefined {
    const found = this.#read(guid);
    return found === undefined || !found.persistent && found.state === "stopped" ? undefined : found;
  }

  /**
   * Runs `body` while no other process of this program makes or removes a service.
   * @throws {MutexTimeoutError} if others do that for a minute.
   */
  exclusively<T>(body: () => Promise<T>): Promise<T> {
    return this.#system.namedObjects.exclusively(SERVICE_LOCK, LOCK_WAIT_MS, body);
  }

  /**
   * Creates the service for an order. It does not run yet. Returns it, or why there cannot be one. Call it inside
   * `exclusively`.
   * @param commandLine The program that the service runs.
   * @param isNameShared Whether an adapter was created with that name that has another name now.
   * @throws {Win32Error}
   */
  create(order: AdapterOrder, commandLine: string, isNameShared = false): Service | ServiceConflict {
    const { name, guid } = order.request;
    using manager = ServiceManager.connectToCreate(this.#system.libraries);
    const created = manager.create({
      name: serviceName(guid),
      displayName: displayNameOf(name, guid, isNameShared),
      commandLine,
      startType: "demand",
      dependencies: order.request.persistent ? DEPENDENCIES : [],
    });
    if (typeof created === "string") return created;
    try {
      // Whatever is in the key of a service that does not exist, it is not this service's.
      this.#system.registry.delete(parametersKey(guid));
      created.setSecurity(SERVICE_SECURITY);
      created.setDescription(
        "Holds a Wintun network adapter. wintun delete removes the adapter and this service.",
      );
      this.orders.write(order);
      return created;
    } catch (error) {
      created.markForDeletion();
      created.close();
      throw error;
    }
  }

  /**
   * Opens a service. Returns `undefined` if there is none. The caller owns it.
   * @throws {Win32Error} with ERROR_ACCESS_DENIED if this user has not those rights, and for other reasons.
   */
  open(guid: string, ...rights: readonly ServiceRight[]): Service | undefined {
    return this.#system.serviceManager.open(serviceName(guid), ...rights);
  }

  /**
   * Makes a service persistent: Windows starts it when Windows starts, and restarts it after its failures (`RESTARTS`).
   * @throws {Win32Error}
   */
  makePersistent(guid: string): void {
    using service = this.open(guid, "changeConfig", "start");
    service?.setFailureActions(RESTARTS);
    service?.setStartType("auto");
    using key = this.#system.registry.create(parametersKey(guid));
    key.setDword("Persistent", 1);
  }

  /**
   * Marks a service for deletion: Windows deletes it as soon as it does not run. It is persistent no more.
   * @throws {Win32Error}
   */
  markForDeletion(guid: string): void {
    using service = this.open(guid, "delete");
    if (service === undefined) return;
    using key = this.#system.registry.create(parametersKey(guid));
    key.setDword("Persistent", 0);
    service.markForDeletion();
  }

  /** Marks a service for deletion that does not end, and deletes what it has to be known by. @throws {Win32Error} */
  forget(guid: string): void {
    this.markForDeletion(guid);
    this.#system.registry.delete(reportKey(guid));
    this.#system.registry.delete(parametersKey(guid));
  }

  /** Removes all services that are rubbish. Call it inside `exclusively`. @throws {Win32Error} */
  removeRubbish(): void {
    for (const guid of this.#rubbish()) this.markForDeletion(guid);
  }

  /** Removes all services that are rubbish, unless others make services for a minute. @throws {Win32Error} */
  async removeRubbishAlone(): Promise<void> {
    if (this.#rubbish().length === 0) return;
    try {
      // deno-lint-ignore require-await -- what it throws must be a rejection
      await this.exclusively(async () => this.removeRubbish());
    } catch (error) {
      if (!(error instanceof MutexTimeoutError)) throw error;
    }
  }

  /**
   * Asks a service to stop, whatever it does. Does not wait until it has. This may take 30 seconds if the service hangs.
   * Returns whether the service runs, or is stopping already: it was then asked for good.
   * @throws {Win32Error}
   */
  async askToStop(guid: string): Promise<boolean> {
    using service = this.open(guid, "stop");
    const answer = await service?.stop();
    if (answer === "starting") this.requestStop(guid);
    return answer !== undefined && answer !== "starting" && answer !== "stopped";
  }

  /** Asks a service that is starting to stop, or one that is about to be started: it creates no adapter then. @throws {Win32Error} */
  requestStop(guid: string): void {
    const { key, value } = cancelValue(guid);
    using parameters = this.#system.registry.create(key);
    parameters.setText(value, "");
  }

  /** Returns whether a service was asked to stop by `requestStop`. @throws {Win32Error} */
  isStopRequested(guid: string): boolean {
    const { key, value } = cancelValue(guid);
    using parameters = this.#system.registry.open(key);
    return parameters?.text(value) !== undefined;
  }

  /** Removes a request to stop that an earlier start has left. Call it before a start. @throws {Win32Error} */
  forgetRequest(guid: string): void {
    const { key, value } = cancelValue(guid);
    using parameters = this.#system.registry.create(key);
    parameters.deleteValue(value);
  }

  /**
   * Gives the adapter of that GUID another name: in the order of its service, and in the name of the service that users see.
   * The latter stays as it is if the service is not persistent: it is marked for deletion, and goes with the adapter.
   * @throws as `ServiceOrders.change` does.
   */
  async rename(guid: string, name: string): Promise<void> {
    await this.orders.change(guid, (order) => ({ ...order, request: { ...order.request, name } }));
    using service = this.open(guid, "changeConfig");
    if (service?.setDisplayName(displayNameOf(name, guid, false)) !== "taken") return;
    service.setDisplayName(displayNameOf(name, guid, true));
  }

  /** Notes that this version and build of the program runs the service of that GUID. @throws {Win32Error} */
  noteProgram(guid: string): void {
    using key = this.#system.registry.create(parametersKey(guid));
    key.setText("Version", PROGRAM_VERSION);
    const build = buildOf(Deno.execPath());
    if (build !== undefined) key.setText("Build", build);
  }

  /** Returns the GUIDs in the names of all services that are called so, whosever they are. */
  #guids(): string[] {
    using services = this.#system.registry.open(SERVICES_KEY);
    return services?.subkeys().flatMap((name) => {
      if (!name.toLowerCase().startsWith(SERVICE_PREFIX)) return [];
      return normalGuid(name.slice(SERVICE_PREFIX.length)) ?? [];
    }) ?? [];
  }

  /** Returns whether another program has a service with the name that the adapter's service has to have. @throws {Win32Error} */
  isOthers(guid: string): boolean {
    return this.#isOwn(guid) === false;
  }

  /** Returns whether the service of that name runs this program. `undefined` if there is none. Only the registry is asked. */
  #isOwn(guid: string): boolean | undefined {
    using key = this.#system.registry.open(serviceKey(guid));
    return key?.text("ImagePath")?.toLowerCase().endsWith(` ${SERVICE_COMMAND} ${guid}`);
  }

  /** Returns whether the service of that GUID stays when it stops. Only the registry is asked. @throws {Win32Error} */
  isPersistent(guid: string): boolean {
    using parameters = this.#system.registry.open(parametersKey(guid));
    return parameters?.dword("Persistent") === 1;
  }

  #rubbish(): string[] {
    return this.#guids().filter((guid) => {
      // Its creator may have died before it wrote an order.
      return !this.isPersistent(guid) && this.#isOwn(guid) && this.#statusOf(guid)?.state === "stopped";
    });
  }

  #read(guid: string): AdapterService | undefined {
    // Most adapters are no service's, and the registry says so much faster than the Service Control Manager.
    using key = this.#system.registry.open(parametersKey(guid));
    const status = key && this.#isOwn(guid) ? this.#statusOf(guid) : undefined;
    if (key === undefined || status === undefined) return undefined;
    const order = readableOrderIn(key, guid);
    const state = stateOf(status);
    return {
      guid,
      service: serviceName(guid),
      name: order?.request.name ?? serviceName(guid),
      type: order?.request.type ?? "",
      state,
      pid: status.pid,
      persistent: key.dword("Persistent") === 1,
      version: key.text("Version"),
      build: key.text("Build"),
      ...(state === "stopped" ? { end: this.#endOf(guid, status) } : {}),
      ...(state === "stopped" && order !== undefined ? { startSettings: orderedSettings(order) } : {}),
    };
  }

  #statusOf(guid: string): ServiceProcessStatus | undefined {
    try {
      using service = this.open(guid, "status");
      return service?.status();
    } catch (error) {
      // For the moment between its creation and the setting of its rights.
      if (error instanceof Win32Error && error.code === ERROR_ACCESS_DENIED) return undefined;
      throw error;
    }
  }

  #endOf(guid: string, { win32ExitCode, specificExitCode }: ServiceProcessStatus): HolderEnd {
    if (win32ExitCode === 0) return { exitCode: 0, reason: "somebody stopped its service" };
    if (win32ExitCode !== ERROR_SERVICE_SPECIFIC_ERROR) {
      return { exitCode: undefined, reason: new Win32Error(win32ExitCode, "").reason };
    }
    using report = this.#system.registry.open(reportKey(guid));
    const reason = report?.text(REASON_VALUE) ?? `it ended with code ${specificExitCode}`;
    return { exitCode: specificExitCode, reason };
  }
}

function stateOf({ state }: ServiceProcessStatus): AdapterService["state"] {
  return state === "starting" || state === "stopping" || state === "stopped" ? state : "running";
}
