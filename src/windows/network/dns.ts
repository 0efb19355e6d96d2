import { parseGuid } from "../../wire/guid.ts";
import { addressOf } from "../fixed_memory.ts";
import { MissingFunctionError, systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { fromWideString, readWideString, toWideString } from "../wide_string.ts";
import { ERROR_NOT_FOUND, Win32Error } from "../win32_error.ts";
import { readInterface } from "./interface_info.ts";
import { DNS_INTERFACE_SETTINGS } from "./layout.ts";
import type { Family } from "./sockaddr_inet.ts";

/** A GUID, which these functions take by value. */
const GUID_BY_VALUE = {
  struct: ["u32", "u16", "u16", "u8", "u8", "u8", "u8", "u8", "u8", "u8", "u8"],
} as const;

/** The first Windows that has these functions by Microsoft's documentation: build 19041. */
export const DNS_SINCE = "Windows 10 version 2004";

export const DNS_FUNCTIONS = systemFunctions("iphlpapi", {
  SetInterfaceDnsSettings: {
    parameters: [GUID_BY_VALUE, /* GUID Interface */ "buffer" /* const DNS_INTERFACE_SETTINGS *Settings */],
    result: "u32",
  },
  GetInterfaceDnsSettings: {
    parameters: [GUID_BY_VALUE, /* GUID Interface */ "buffer" /* DNS_INTERFACE_SETTINGS *Settings */],
    result: "u32",
  },
  FreeInterfaceDnsSettings: {
    parameters: ["buffer" /* DNS_INTERFACE_SETTINGS *Settings */],
    result: "void",
  },
}, { since: DNS_SINCE, without: "The DNS servers of adapters can be neither set nor listed." });

const DNS_INTERFACE_SETTINGS_VERSION1 = 1;
const DNS_SETTING_IPV6 = 0x0001n;
const DNS_SETTING_NAMESERVER = 0x0002n;

/** The DNS servers of one interface, one list for each IP version. */
export class Dns {
  readonly #libraries: SystemLibraries;
  readonly #luid: bigint;

  /** Called by `Interface`. */
  constructor(libraries: SystemLibraries, luid: bigint) {
    this.#libraries = libraries;
    this.#luid = luid;
  }

  /**
   * Returns the servers of one IP version, as text, in order (GetInterfaceDnsSettings). Returns `undefined` if this
   * Windows cannot report them.
   * @throws {Win32Error} 1168 if the interface is gone.
   */
  get(family: Family): string[] | undefined {
    const iphlpapi = this.#libraries.bind(DNS_FUNCTIONS);
    const operation = `Cannot read the IPv${family} DNS servers`;
    const settings = settingsFor(family, 0n);
    try {
      const code = iphlpapi.GetInterfaceDnsSettings(this.#guid(operation), settings.buffer);
      if (code !== 0) throw new Win32Error(code, operation);
    } catch (error) {
      if (error instanceof MissingFunctionError) return undefined;
      throw error;
    }
    const names = readWideString(
      Deno.UnsafePointer.create(settings.getBigUint64(DNS_INTERFACE_SETTINGS.NameServer, true)),
    );
    iphlpapi.FreeInterfaceDnsSettings(settings.buffer);
    return names.split(/[\s,]+/).filter((name) => name !== "");
  }

  /**
   * Sets the servers of one IP version (SetInterfaceDnsSettings). An empty list removes them.
   * @throws {MissingFunctionError} if this Windows is too old.
   * @throws {Win32Error} 1168 if the interface is gone.
   */
  set(family: Family, servers: readonly string[]): void {
    const { SetInterfaceDnsSettings } = this.#libraries.bind(DNS_FUNCTIONS);
    const names = toWideString(servers.join(","));
    const settings = settingsFor(family, DNS_SETTING_NAMESERVER);
    settings.setBigUint64(DNS_INTERFACE_SETTINGS.NameServer, addressOf(names.buffer), true);
    const guid = this.#guid(`Cannot set the IPv${family} DNS servers`);
    const code = SetInterfaceDnsSettings(guid, settings.buffer);
    // `settings` contains only the address of the text, which does not keep the text alive. This use after the call
    // does.
    if (code !== 0) {
      throw new Win32Error(code, `Cannot set the IPv${family} DNS servers ${fromWideString(names)}`);
    }
  }

  /** Returns the GUID by which these functions identify the interface. */
  #guid(operation: string): Uint8Array<ArrayBuffer> {
    const info = readInterface(this.#libraries, this.#luid);
    if (info === undefined) throw new Win32Error(ERROR_NOT_FOUND, operation);
    return parseGuid(info.guid)!;
  }
}

function settingsFor(family: Family, flags: bigint): DataView<ArrayBuffer> {
  const settings = new DataView(new ArrayBuffer(DNS_INTERFACE_SETTINGS.size));
  settings.setUint32(DNS_INTERFACE_SETTINGS.Version, DNS_INTERFACE_SETTINGS_VERSION1, true);
  const all = flags | (family === 6 ? DNS_SETTING_IPV6 : 0n);
  settings.setBigUint64(DNS_INTERFACE_SETTINGS.Flags, all, true);
  return settings;
}
