import { isElevated } from "./elevation.ts";
import { NamedObjects } from "./named_objects.ts";
import { NamePolicy } from "./network/name_policy.ts";
import { Network } from "./network/network.ts";
import { NetworkList } from "./network/network_list.ts";
import { Processes } from "./process.ts";
import { Registry } from "./registry.ts";
import { ServiceManager } from "./services/service_manager.ts";
import { Setupapi } from "./setupapi.ts";
import { SystemLibraries, type SystemPaths } from "./system_libraries.ts";

/**
 * The Windows functions that this program uses, one property per subject. Opens each DLL at its first use. Closing this
 * closes all DLLs.
 */
export class System implements Disposable {
  readonly libraries: SystemLibraries;
  readonly namedObjects: NamedObjects;
  readonly namePolicy: NamePolicy;
  readonly network: Network;
  readonly networkList: NetworkList;
  readonly processes: Processes;
  readonly registry: Registry;
  readonly setupapi: Setupapi;

  #serviceManager: ServiceManager | undefined;

  /** @param paths paths of DLLs to open instead of the system's DLLs. */
  constructor(paths: SystemPaths = {}) {
    this.libraries = new SystemLibraries(paths);
    this.namedObjects = new NamedObjects(this.libraries);
    this.network = new Network(this.libraries);
    this.networkList = new NetworkList(this.libraries);
    this.processes = new Processes(this.libraries);
    this.registry = new Registry(this.libraries);
    this.namePolicy = new NamePolicy(this.libraries, this.registry);
    this.setupapi = new Setupapi(this.libraries);
  }

  /** The connection by which services are opened. It is made at its first use. @throws {Win32Error} */
  get serviceManager(): ServiceManager {
    return this.#serviceManager ??= ServiceManager.connect(this.libraries);
  }

  /**
   * Returns whether this process has an elevated token.
   * @throws {Win32Error} if the token cannot be read.
   */
  isElevated(): boolean {
    return isElevated(this.libraries);
  }

  /**
   * Closes the connection and all DLLs. Idempotent. If the Network List Manager hangs, they stay open until the process ends: its
   * answer may still come.
   */
  close(): void {
    this.#serviceManager?.close();
    if (!this.networkList.isWaiting) this.libraries.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
