import { systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { toWideString } from "../wide_string.ts";
import {
  ERROR_FILE_NOT_FOUND,
  ERROR_INVALID_PARAMETER,
  ERROR_NOT_FOUND,
  Win32Error,
} from "../win32_error.ts";
import { listAddresses, type UnicastAddress } from "./address.ts";
import { Interface } from "./interface.ts";
import { type InterfaceInfo, listInterfaces } from "./interface_info.ts";
import { pingFromWindows } from "./ping.ts";
import type { PingOutcome, PingSeries } from "./ping_series.ts";
import { listRoutes, type Route } from "./route.ts";

export const ALIAS_FUNCTIONS = systemFunctions("iphlpapi", {
  ConvertInterfaceAliasToLuid: {
    parameters: ["buffer", /* const WCHAR *InterfaceAlias */ "buffer" /* NET_LUID *InterfaceLuid */],
    result: "u32",
  },
});

const ERROR_INVALID_NAME = 123;
/**
 * "ConvertInterfaceAliasToLuid function" documents 87 for an alias that no interface has; similar functions report the
 * other codes.
 */
const NO_SUCH_ALIAS: ReadonlySet<number> = new Set([
  ERROR_INVALID_PARAMETER,
  ERROR_INVALID_NAME,
  ERROR_FILE_NOT_FOUND,
  ERROR_NOT_FOUND,
]);

/**
 * The network of this machine through the IP Helper API (iphlpapi.dll). Its functions return their error code (0 is
 * success) and do not change the last error.
 */
export class Network {
  readonly #libraries: SystemLibraries;

  constructor(libraries: SystemLibraries) {
    this.#libraries = libraries;
  }

  /** Returns the interface with that NET_LUID. Does not check that it exists. */
  interface(luid: bigint): Interface {
    return new Interface(this.#libraries, luid);
  }

  /**
   * Returns the interface with that alias, or `undefined` if there is none. Case does not matter
   * (ConvertInterfaceAliasToLuid).
   * @throws {Win32Error}
   */
  find(alias: string): Interface | undefined {
    const { ConvertInterfaceAliasToLuid } = this.#libraries.bind(ALIAS_FUNCTIONS);
    const luid = new BigUint64Array(1);
    const code = ConvertInterfaceAliasToLuid(toWideString(alias), luid);
    if (NO_SUCH_ALIAS.has(code)) return undefined;
    if (code !== 0) throw new Win32Error(code, `Cannot look for an interface named "${alias}"`);
    return this.interface(luid[0]);
  }

  /** Returns all interfaces. @throws {Win32Error} */
  list(): InterfaceInfo[] {
    return listInterfaces(this.#libraries);
  }

  /** Returns the addresses of all interfaces, by LUID. @throws {Win32Error} */
  addresses(): ReadonlyMap<bigint, readonly UnicastAddress[]> {
    return listAddresses(this.#libraries);
  }

  /** Returns the routes of all interfaces, by LUID. @throws {Win32Error} */
  routes(): ReadonlyMap<bigint, readonly Route[]> {
    return listRoutes(this.#libraries);
  }

  /**
   * Pings an address through Windows' own ICMP. Returns `undefined` if this Windows cannot ping addresses of this IP version.
   * @param stop Ends the series early when it is aborted, at the latest after the time for a reply.
   * @throws {Win32Error} if Windows refuses, or does not end a request.
   */
  async ping(series: PingSeries, stop: AbortSignal): Promise<PingOutcome | undefined> {
    return await pingFromWindows(this.#libraries, series, stop);
  }
}
