import type { System } from "../windows/system.ts";
import { Win32Error } from "../windows/win32_error.ts";
import { openWintun, type Wintun } from "../wintun/library.ts";
import { Logger, type LogMessage } from "../wintun/logger.ts";
import { HostError } from "./host_error.ts";
import { listLegacyDevices } from "./windows_adapters.ts";

/** One line of wintun.dll's log. */
export interface WintunLogLine {
  readonly level: LogMessage["level"];
  readonly message: string;
}

/** wintun.dll, loaded when it is first needed, with its log. */
export class WintunLoader {
  readonly #system: System;
  readonly #path: string;
  readonly #log: (line: WintunLogLine) => void;
  #loaded: Promise<{ readonly wintun: Wintun; readonly logger: Logger }> | undefined;

  /** @param path Absolute path of the DLL. */
  constructor(system: System, path: string, log: (line: WintunLogLine) => void) {
    this.#system = system;
    this.#path = path;
    this.#log = log;
  }

  get path(): string {
    return this.#path;
  }

  /**
   * Loads the DLL, for an operation that errors name.
   * @throws {HostError} `library` when it cannot be loaded, `failed` when devices of an old Wintun would be lost.
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

  /** Refuses when loading the DLL would remove devices that an old Wintun made. */
  refuseLegacy(operation: string): void {
    const legacy = listLegacyDevices(this.#system);
    if (legacy.length === 0) return;
    const ids = legacy.map(({ instanceId }) => instanceId).join(", ");
    throw new HostError(
      "failed",
      operation,
      `this machine has devices of an old Wintun (${ids}), which wintun.dll would remove`,
      { hint: "Another VPN program may need them: update it, or remove it, first." },
    );
  }

  /** Takes the logger back; what was logged has been delivered then. */
  async close(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    await loaded?.then(({ logger }) => logger.close(), () => {});
  }

  async #load(operation: string): Promise<{ wintun: Wintun; logger: Logger }> {
    this.refuseLegacy(operation);
    const wintun = this.#open(operation);
    const logger = await Logger.open(wintun, ({ level, text }) => this.#log({ level, message: text }));
    return { wintun, logger };
  }

  #open(operation: string): Wintun {
    try {
      return openWintun(this.#path, this.#system.paths.kernel32);
    } catch (error) {
      if (error instanceof Win32Error) throw error;
      throw new HostError("library", operation, `${this.#path} cannot be loaded`, {
        hint: "Put the signed wintun.dll from wintun.net beside this program, or name it with --dll.",
        cause: error,
      });
    }
  }
}
