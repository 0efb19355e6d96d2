import { parseGuid } from "../wire/guid.ts";
import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_DUP_NAME, Win32Error } from "./win32_error.ts";

/**
 * The function that gives every Wintun adapter its name: wintun.dll calls it when it creates one, so it is there wherever
 * adapters are. No header declares it. What Microsoft documents instead is worse: "INetConnection::Rename" is supported by no
 * server, "MSFT_NetAdapter.Rename" needs WMI, and netsh and "Win32_NetworkAdapter.NetConnectionID" report success on Windows
 * Server 2022 and change nothing (cloudbase-init had to leave both). It returns an error code. It refuses a name that another
 * connection has, even a connection whose adapter is not there now.
 */
export const CONNECTION_NAME_FUNCTIONS = systemFunctions("nci", {
  NciSetConnectionName: {
    parameters: ["buffer", /* const GUID *Guid */ "buffer" /* const WCHAR *NewName */],
    result: "u32",
  },
}, { without: "Adapters cannot be renamed." });

/**
 * Gives the network connection of an interface another name, for good. Returns `false` if another connection has that name.
 * Needs elevation. Windows may show the new name a moment later.
 * @param guid GUID of the interface.
 * @throws {Win32Error} for every other reason.
 */
export function setConnectionName(libraries: SystemLibraries, guid: string, name: string): boolean {
  const { NciSetConnectionName } = libraries.bind(CONNECTION_NAME_FUNCTIONS);
  const code = NciSetConnectionName(parseGuid(guid)!, toWideString(name));
  if (code === ERROR_DUP_NAME) return false;
  if (code !== 0) throw new Win32Error(code, "Cannot rename the network connection");
  return true;
}
