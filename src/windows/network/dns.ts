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
}, { since: DNS_SINCE, without: "The DNS settings of adapters can be neither set nor listed." });

const DNS_INTERFACE_SETTINGS_VERSION1 = 1;
const DNS_SETTING_IPV6 = 0x0001n;
const DNS_SETTING_NAMESERVER = 0x0002n;
const DNS_SETTING_SEARCHLIST = 0x0004n;
const DNS_SETTING_REGISTRATION_ENABLED = 0x0008n;
const DNS_SETTING_DOMAIN = 0x0020n;

/** The DNS settings of an interface for one IP version. Suffix, search list and registration are those of IPv4. */
export interface DnsSettings {
  /** As text, in the order in which they are asked. */
  readonly servers: readonly string[];
  /** The connection's own suffix, or "". */
  readonly suffix: string;
  readonly search: readonly string[];
  /** Whether Windows registers the interface's addresses at its DNS servers. On unless somebody sets it. */
  readonly registration: boolean;
}

/** The DNS settings of one interface, for each IP version. */
export class Dns {
  readonly #libraries: SystemLibraries;
  readonly #luid: bigint;

  /** Called by `Interface`. */
  constructor(libraries: SystemLibraries, luid: bigint) {
    this.#libraries = libraries;
    this.#luid = luid;
  }

  /**
   * Returns the settings of one IP version (GetInterfaceDnsSettings). Returns `undefined` if this Windows cannot report
   * them.
   * @throws {Win32Error} 1168 if the interface is gone.
   */
  get(family: Family): DnsSettings | undefined {
    const iphlpapi = this.#libraries.bind(DNS_FUNCTIONS);
    const operation = `Cannot read the IPv${family} DNS settings`;
    const settings = settingsFor(family, 0n);
    try {
      const code = iphlpapi.GetInterfaceDnsSettings(this.#guid(operation), settings.buffer);
      if (code !== 0) throw new Win32Error(code, operation);
    } catch (error) {
      if (error instanceof MissingFunctionError) return undefined;
      throw error;
    }
    const text = (offset: number): string =>
      readWideString(Deno.UnsafePointer.create(settings.getBigUint64(offset, true)));
    const flags = settings.getBigUint64(DNS_INTERFACE_SETTINGS.Flags, true);
    const found = {
      servers: splitList(text(DNS_INTERFACE_SETTINGS.NameServer)),
      suffix: text(DNS_INTERFACE_SETTINGS.Domain),
      search: splitList(text(DNS_INTERFACE_SETTINGS.SearchList)),
      registration: (flags & DNS_SETTING_REGISTRATION_ENABLED) === 0n ||
        settings.getUint32(DNS_INTERFACE_SETTINGS.RegistrationEnabled, true) !== 0,
    };
    iphlpapi.FreeInterfaceDnsSettings(settings.buffer);
    return found;
  }

  /**
   * Changes settings of one IP version (SetInterfaceDnsSettings). Those that are absent stay; an empty list or text removes.
   * @throws {MissingFunctionError} if this Windows is too old.
   * @throws {Win32Error} 1168 if the interface is gone.
   */
  change(family: Family, { servers, suffix, search, registration }: Partial<DnsSettings>): void {
    const { SetInterfaceDnsSettings } = this.#libraries.bind(DNS_FUNCTIONS);
    const operation = `Cannot change the IPv${family} DNS settings`;
    const texts = [
      [DNS_SETTING_NAMESERVER, DNS_INTERFACE_SETTINGS.NameServer, servers?.join(",")],
      [DNS_SETTING_DOMAIN, DNS_INTERFACE_SETTINGS.Domain, suffix],
      [DNS_SETTING_SEARCHLIST, DNS_INTERFACE_SETTINGS.SearchList, search?.join(",")],
    ] as const;
    const given = texts.flatMap(([flag, offset, text]) =>
      text === undefined ? [] : [{ flag, offset, units: toWideString(text) }]
    );
    const flags = given.reduce((all, { flag }) => all | flag, 0n) |
      (registration === undefined ? 0n : DNS_SETTING_REGISTRATION_ENABLED);
    const settings = settingsFor(family, flags);
    for (const { offset, units } of given) settings.setBigUint64(offset, addressOf(units.buffer), true);
    if (registration) settings.setUint32(DNS_INTERFACE_SETTINGS.RegistrationEnabled, 1, true);
    const code = SetInterfaceDnsSettings(this.#guid(operation), settings.buffer);
    // `settings` contains only the addresses of the texts, which does not keep these alive. This use after the call does.
    const said = given.map(({ units }) => fromWideString(units)).join(" ");
    if (code !== 0) throw new Win32Error(code, `${operation} ${said}`.trimEnd());
  }

  /** Returns the GUID by which these functions identify the interface. */
  #guid(operation: string): Uint8Array<ArrayBuffer> {
    const info = readInterface(this.#libraries, this.#luid);
    if (info === undefined) throw new Win32Error(ERROR_NOT_FOUND, operation);
    return parseGuid(info.guid)!;
  }
}

function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== "");
}

function settingsFor(family: Family, flags: bigint): DataView<ArrayBuffer> {
  const settings = new DataView(new ArrayBuffer(DNS_INTERFACE_SETTINGS.size));
  settings.setUint32(DNS_INTERFACE_SETTINGS.Version, DNS_INTERFACE_SETTINGS_VERSION1, true);
  const all = flags | (family === 6 ? DNS_SETTING_IPV6 : 0n);
  settings.setBigUint64(DNS_INTERFACE_SETTINGS.Flags, all, true);
  return settings;
}
