import { isElevated } from "./elevation.ts";
import { NamedObjects } from "./named_objects.ts";
import { Network } from "./network/network.ts";
import { Processes } from "./process.ts";
import { Registry } from "./registry.ts";
import { Setupapi } from "./setupapi.ts";
import { SystemLibraries, type SystemPaths } from "./system_libraries.ts";

/** This machine's Windows, subject by subject. Opens a DLL when it is first used, and closes all with this. */
export class System implements Disposable {
  readonly libraries: SystemLibraries;
  readonly namedObjects: NamedObjects;
  readonly network: Network;
  readonly processes: Processes;
  readonly registry: Registry;
  readonly setupapi: Setupapi;

  /** @param paths Of DLLs to open in place of the system's own. */
  constructor(paths: SystemPaths = {}) {
    this.libraries = new SystemLibraries(paths);
    this.namedObjects = new NamedObjects(this.libraries);
    this.network = new Network(this.libraries);
    this.processes = new Processes(this.libraries);
    this.registry = new Registry(this.libraries);
    this.setupapi = new Setupapi(this.libraries);
  }

  /**
   * Whether this process has an elevated token.
   * @throws {Win32Error}
   */
  isElevated(): boolean {
    return isElevated(this.libraries);
  }

  /** Idempotent. */
  close(): void {
    this.libraries.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
