import type { System } from "../../windows/system.ts";
import type { SystemLibraries } from "../../windows/system_libraries.ts";
import { Win32Error } from "../../windows/win32_error.ts";
import { openWintun, type Wintun } from "../../wintun/library.ts";
import { locateWintun, type WintunPlaces } from "../../wintun/locate.ts";
import type { LogLine } from "../../wintun/log_line.ts";
import { Logger, type LogThread } from "../../wintun/logger.ts";
import { describeTrust, LibraryRefusedError, type TrustedDll } from "../../wintun/trust.ts";
import { HostError, legacyWouldGo, removesLegacy } from "../host_error.ts";
import { listLegacyDevices } from "./devices.ts";

/** The wintun.dll to load: a trusted one from the usual places, or the file at an absolute path, without any check. */
export type WintunSource = { readonly places: (libraries: SystemLibraries) => WintunPlaces } | {
  readonly path: string;
};

/** Options of a `Loader`. */
export interface LoaderOptions {
  readonly source: WintunSource;
  /** The path of the DLL that the user has named, if there is one. */
  readonly givenDll: string | undefined;
  /** Whether to load the DLL even if that removes devices of Wintun 0.13 or older. */
  readonly removeLegacy: boolean;
  /** Receives the log lines of the DLL, and messages about loading it. */
  readonly log: (line: LogLine) => void;
  /** As in `HostOptions`. */
  readonly logThread?: LogThread | undefined;
}

/** Loads wintun.dll when it is first needed, and delivers its log. */
export class Loader {
  /** The path of the DLL that the user has named, if there is one. */
  readonly givenDll: string | undefined;
  readonly #system: System;
  readonly #source: WintunSource;
  readonly #removeLegacy: boolean;
  readonly #log: (line: LogLine) => void;
  readonly #logThread: LogThread | undefined;
  #loaded: Promise<{ readonly wintun: Wintun; readonly logger: Logger }> | undefined;

  constructor(system: System, { source, givenDll, removeLegacy, log, logThread }: LoaderOptions) {
    this.givenDll = givenDll;
    this.#system = system;
    this.#source = source;
    this.#removeLegacy = removeLegacy;
    this.#log = log;
    this.#logThread = logThread;
  }

  /**
   * Returns which DLL `load` would load and why it is trusted, as a sentence. Does not load it.
   * @throws {HostError} `library` when there is no wintun.dll, or it is refused.
   */
  async describe(operation: string): Promise<string> {
    if ("path" in this.#source) return `${this.#source.path} is loaded as it is.`;
    using found = await this.#find(this.#source.places, operation);
    return describe(found);
  }

  /**
   * Loads the DLL, once. After a failure the next call tries again.
   * @param operation The operation that needs the DLL, for errors.
   * @throws {HostError} `library` when it cannot be loaded; `failed` as `legacyToRemove` does.
   */
  async load(operation: string): Promise<Wintun> {
    const loading = this.#loaded ??= this.#load(operation);
    try {
      return (await loading).wintun;
    } catch (error) {
      this.#loaded = undefined;
      throw error;
    }
  }

  /**
   * Returns the instance ids of the devices of Wintun 0.13 or older, which loading the DLL removes.
   * @throws {HostError} `failed` when there are any and their removal is not allowed.
   */
  legacyToRemove(operation: string): string[] {
    const ids = listLegacyDevices(this.#system).map(({ instanceId }) => instanceId);
    if (ids.length === 0 || this.#removeLegacy) return ids;
    throw legacyWouldGo(operation, ids);
  }

  /** Removes the logger from the DLL, after all its lines were delivered. */
  async close(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.then(({ logger }) => logger.close(), () => {});
  }

  async #load(operation: string): Promise<{ wintun: Wintun; logger: Logger }> {
    const legacy = this.legacyToRemove(operation);
    const wintun = await this.#open(operation, legacy);
    const logger = await Logger.open(wintun, ({ level, message }) => {
      this.#log({ level, message: `wintun.dll: ${message}` });
    }, this.#logThread);
    return { wintun, logger };
  }

  async #open(operation: string, legacy: readonly string[]): Promise<Wintun> {
    if ("path" in this.#source) return this.#openFile(this.#source.path, operation, legacy);
    using found = await this.#find(this.#source.places, operation);
    const wintun = this.#openFile(found.path, operation, legacy);
    this.#log({ level: found.trust.kind === "asked" ? "warning" : "info", message: describe(found) });
    return wintun;
  }

  async #find(
    places: (libraries: SystemLibraries) => WintunPlaces,
    operation: string,
  ): Promise<TrustedDll> {
    try {
      const { libraries } = this.#system;
      return await locateWintun(libraries, places(libraries));
    } catch (error) {
      if (!(error instanceof LibraryRefusedError)) throw error;
      throw new HostError("library", operation, error.message, { hint: error.hint, cause: error });
    }
  }

  #openFile(path: string, operation: string, legacy: readonly string[]): Wintun {
    // Warn before loading: the DLL does not log while it is being loaded, and may fail after it has removed the devices.
    if (legacy.length > 0) {
      this.#log({ level: "warning", message: removesLegacy(path, legacy) });
    }
    try {
      return openWintun(path, this.#system.libraries);
    } catch (error) {
      if (error instanceof Win32Error) throw error;
      throw new HostError("library", operation, `${path} cannot be loaded`, {
        hint: "Put the signed wintun.dll from wintun.net beside this program, or name it with --dll.",
        cause: error,
      });
    }
  }
}

function describe({ path, trust }: TrustedDll): string {
  return `${path} is loaded: ${describeTrust(trust)}.`;
}
