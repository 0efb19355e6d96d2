import { addressOf } from "../fixed_memory.ts";
import { parseGuid } from "../../wire/guid.ts";
import type { Iphlpapi } from "./iphlpapi.ts";
import { DNS_INTERFACE_SETTINGS } from "./layout.ts";
import type { Family } from "./sockaddr_inet.ts";
import { fromWideString, readWideString, toWideString } from "../wide_string.ts";
import { Win32Error } from "../win32_error.ts";

const DNS_INTERFACE_SETTINGS_VERSION1 = 1;
const DNS_SETTING_IPV6 = 0x0001n;
const DNS_SETTING_NAMESERVER = 0x0002n;

/** This Windows cannot set an interface's DNS servers by its API: it is older than Windows 10 version 1809. */
export class DnsUnsupportedError extends Error {
  override readonly name = "DnsUnsupportedError";
}

/**
 * The DNS servers that are set on an interface for one family, as text, in order (GetInterfaceDnsSettings); `undefined`
 * where Windows does not tell: before version 2004, which can set them already.
 */
export function getDnsServers(iphlpapi: Iphlpapi, guid: string, family: Family): string[] | undefined {
  const { GetInterfaceDnsSettings, FreeInterfaceDnsSettings } = iphlpapi.dns;
  if (GetInterfaceDnsSettings === null || FreeInterfaceDnsSettings === null) return undefined;
  const settings = settingsFor(family, 0n);
  const code = GetInterfaceDnsSettings(parseGuid(guid)!, settings.buffer);
  if (code !== 0) throw new Win32Error(code, `Cannot read the IPv${family} DNS servers`);
  const names = readWideString(
    Deno.UnsafePointer.create(settings.getBigUint64(DNS_INTERFACE_SETTINGS.NameServer, true)),
  );
  FreeInterfaceDnsSettings(settings.buffer);
  return names.split(/[\s,]+/).filter((name) => name !== "");
}

/**
 * Sets the DNS servers of one family; an empty list takes them away (SetInterfaceDnsSettings).
 * @throws {DnsUnsupportedError}
 */
export function setDnsServers(
  iphlpapi: Iphlpapi,
  guid: string,
  family: Family,
  servers: readonly string[],
): void {
  const { SetInterfaceDnsSettings } = iphlpapi.dns;
  if (SetInterfaceDnsSettings === null) throw new DnsUnsupportedError();
  const names = toWideString(servers.join(","));
  const settings = settingsFor(family, DNS_SETTING_NAMESERVER);
  settings.setBigUint64(DNS_INTERFACE_SETTINGS.NameServer, addressOf(names.buffer), true);
  const code = SetInterfaceDnsSettings(parseGuid(guid)!, settings.buffer);
  // The address in `settings` does not keep the text alive; this use after the call does.
  if (code !== 0) {
    throw new Win32Error(code, `Cannot set the IPv${family} DNS servers ${fromWideString(names)}`);
  }
}

function settingsFor(family: Family, flags: bigint): DataView<ArrayBuffer> {
  const settings = new DataView(new ArrayBuffer(DNS_INTERFACE_SETTINGS.size));
  settings.setUint32(DNS_INTERFACE_SETTINGS.Version, DNS_INTERFACE_SETTINGS_VERSION1, true);
  const all = flags | (family === 6 ? DNS_SETTING_IPV6 : 0n);
  settings.setBigUint64(DNS_INTERFACE_SETTINGS.Flags, all, true);
  return settings;
}
