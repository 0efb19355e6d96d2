import { dirname, join, resolve } from "@std/path";
import { parseGuid } from "../windows/guid.ts";
import { findLuid } from "../windows/network_interface.ts";
import { System, type SystemPaths, systemPaths } from "../windows/system.ts";
import {
  ERROR_ACCESS_DENIED,
  ERROR_ALREADY_EXISTS,
  ERROR_NOT_FOUND,
  Win32Error,
} from "../windows/win32_error.ts";
import { Adapter as WintunAdapter } from "../wintun/adapter.ts";
import { openWintun, type Wintun } from "../wintun/library.ts";
import { Logger, type LogMessage } from "../wintun/logger.ts";
import { adapterNameFault, sameName } from "./adapter_name.ts";
import type { Adapter, AdapterInfo, AdapterRequest, Configured, Host, Settings } from "./host.ts";
import { HostError } from "./host_error.ts";
import { WindowsAdapter } from "./windows_adapter.ts";
import {
  findAdapter,
  findAdapterByLuid,
  listAdapters,
  listDevices,
  listLegacyDevices,
} from "./windows_adapters.ts";
import { applySettings } from "./windows_settings.ts";

/** How long "it exists already" is taken for an adapter that is still being removed. */
const REMOVAL_WAIT_MS = 10_000;
const REMOVAL_POLL_MS = 250;

/** Absolute paths of the DLLs to use. */
export interface Libraries extends SystemPaths {
  readonly wintun: string;
}

/** One line of wintun.dll's log. */
export interface WintunLogLine {
  readonly level: LogMessage["level"];
  readonly message: string;
}

export interface WindowsHostOptions {
  /** wintun.dll to load. Absent: the one beside the executable. */
  readonly dll?: string;
  /** Receives what wintun.dll logs, in order. */
  readonly log?: (line: WintunLogLine) => void;
  /** DLLs to use instead of the system's; for tests. */
  readonly libraries?: Partial<Libraries>;
}

/** Opens this machine's adapters. No DLL is loaded before it is needed: wintun.dll only to create or open an adapter. */
export function openWindowsHost(options: WindowsHostOptions = {}): Promise<Host> {
  const { wintun = options.dll, ...system } = options.libraries ?? {};
  const dll = wintun === undefined ? join(dirname(Deno.execPath()), "wintun.dll") : resolve(wintun);
  return Promise.resolve(new WindowsHost(new System(systemPaths(system)), dll, options.log ?? (() => {})));
}

class WindowsHost implements Host {
  readonly #system: System;
  readonly #dll: string;
  readonly #log: (line: WintunLogLine) => void;
  readonly #adapters = new Set<WindowsAdapter>();
  #wintun: Promise<{ readonly wintun: Wintun; readonly logger: Logger }> | undefined;

  constructor(system: System, dll: string, log: (line: WintunLogLine) => void) {
    this.#system = system;
    this.#dll = dll;
    this.#log = log;
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async list(): Promise<AdapterInfo[]> {
    return listAdapters(this.#system);
  }

  // deno-lint-ignore require-await -- errors must be rejections
  async find(nameOrGuid: string): Promise<AdapterInfo | undefined> {
    return findAdapter(this.#system, nameOrGuid);
  }

  async create(request: AdapterRequest): Promise<Adapter> {
    const { name, type } = request;
    const operation = `Cannot create adapter "${name}"`;
    this.#requireElevation(operation);
    const fault = adapterNameFault(name);
    if (fault !== undefined) throw new HostError("invalid", operation, fault);
    this.#refuseTaken(request, operation);
    const wintun = await this.#openWintun(operation);
    const guid = request.guid === undefined ? null : parseGuid(request.guid) ?? null;
    const adapter = await createPatiently(wintun, name, type, guid, operation);
    return this.#hold(adapter, true, operation);
  }

  async open(name: string): Promise<Adapter> {
    const operation = `Cannot open adapter "${name}"`;
    this.#requireElevation(operation);
    const wintun = await this.#openWintun(operation);
    try {
      return this.#hold(WintunAdapter.open(wintun, this.#createdName(name)), false, operation);
    } catch (error) {
      if (!(error instanceof Win32Error) || error.code !== ERROR_NOT_FOUND) throw error;
      throw new HostError("not-found", operation, "there is no such adapter", {
        hint: "wintun list shows the adapters that there are.",
        cause: error,
      });
    }
  }

  async configure(luid: bigint, settings: Settings): Promise<Configured> {
    const name = findAdapterByLuid(this.#system, luid)?.name ?? `with LUID ${luid}`;
    this.#requireElevation(`Cannot configure adapter "${name}"`);
    return await applySettings(this.#system, luid, name, settings);
  }

  async close(): Promise<void> {
    for (const adapter of this.#adapters) adapter.close();
    const opened = this.#wintun;
    this.#wintun = undefined;
    await opened?.then(({ logger }) => logger.close(), () => {});
    this.#system.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #requireElevation(operation: string): void {
    if (!this.#system.isElevated()) throw notElevated(operation);
  }

  /** Wintun would rename whatever has the name, even a physical adapter, and remove what has the GUID. */
  #refuseTaken({ name, guid }: AdapterRequest, operation: string): void {
    if (findLuid(this.#system.iphlpapi, name) !== undefined) {
      throw new HostError("exists", operation, "a network adapter has this name", {
        hint: "Choose another name, or delete that adapter first.",
      });
    }
    if (guid === undefined) return;
    const instanceId = `SWD\\Wintun\\{${guid}}`;
    if (listDevices(this.#system).some((device) => sameName(device.instanceId, instanceId))) {
      throw new HostError("exists", operation, `an adapter has the GUID ${guid}`, {
        hint: "Choose another GUID, or delete that adapter first.",
      });
    }
  }

  /** What the adapter was created as: WintunOpenAdapter does not know of a connection's later names. */
  #createdName(name: string): string {
    const info = findAdapter(this.#system, name);
    const device = listDevices(this.#system).find(({ luid }) => luid !== undefined && luid === info?.luid);
    return device?.createdName ?? name;
  }

  #hold(adapter: WintunAdapter, created: boolean, operation: string): Adapter {
    const info = findAdapterByLuid(this.#system, adapter.luid);
    if (info === undefined) {
      adapter.close();
      throw new HostError("removed", operation, "the adapter was removed at once");
    }
    const held = new WindowsAdapter(adapter, info, created, () => this.#adapters.delete(held));
    this.#adapters.add(held);
    return held;
  }

  async #openWintun(operation: string): Promise<Wintun> {
    this.#wintun ??= this.#loadWintun(operation);
    try {
      return (await this.#wintun).wintun;
    } catch (error) {
      this.#wintun = undefined;
      throw error;
    }
  }

  async #loadWintun(operation: string): Promise<{ wintun: Wintun; logger: Logger }> {
    const legacy = listLegacyDevices(this.#system);
    if (legacy.length > 0) {
      const ids = legacy.map(({ instanceId }) => instanceId).join(", ");
      throw new HostError(
        "failed",
        operation,
        `devices of an old Wintun are here (${ids}), and would be removed`,
        {
          hint: "Another VPN may need them: update or remove it first.",
        },
      );
    }
    const wintun = this.#loadLibrary(operation);
    const logger = await Logger.open(wintun, ({ level, text }) => this.#log({ level, message: text }));
    return { wintun, logger };
  }

  #loadLibrary(operation: string): Wintun {
    try {
      return openWintun(this.#dll, this.#system.paths.kernel32);
    } catch (error) {
      if (error instanceof Win32Error) throw error;
      throw new HostError("library", operation, `${this.#dll} cannot be loaded`, {
        hint: "Put the signed wintun.dll from wintun.net beside this program, or name it with --dll.",
        cause: error,
      });
    }
  }
}

async function createPatiently(
  wintun: Wintun,
  name: string,
  type: string,
  guid: Uint8Array<ArrayBuffer> | null,
  operation: string,
): Promise<WintunAdapter> {
  const deadline = performance.now() + REMOVAL_WAIT_MS;
  for (;;) {
    try {
      return WintunAdapter.create(wintun, name, type, guid);
    } catch (error) {
      if (!(error instanceof Win32Error)) throw error;
      if (error.code === ERROR_ACCESS_DENIED) throw notElevated(operation, error);
      if (error.code !== ERROR_ALREADY_EXISTS) throw error;
      if (performance.now() < deadline) {
        await new Promise((wake) => setTimeout(wake, REMOVAL_POLL_MS));
        continue;
      }
      throw new HostError(
        "exists",
        operation,
        "an adapter with its GUID is there, or is still being removed",
        {
          cause: error,
        },
      );
    }
  }
}

function notElevated(operation: string, cause?: unknown): HostError {
  return new HostError("not-elevated", operation, "this needs an elevated process", {
    hint: "Run it from an administrator's prompt.",
    ...(cause === undefined ? {} : { cause }),
  });
}
