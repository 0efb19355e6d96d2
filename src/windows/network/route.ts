import type { Cidr } from "../../wire/cidr.ts";
import { ADDRESS_LENGTH, type IpAddress } from "../../wire/ip_address.ts";
import { type BoundFunctions, systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { ERROR_NOT_FOUND, ERROR_OBJECT_ALREADY_EXISTS, Win32Error } from "../win32_error.ts";
import { IP_ADDRESS_PREFIX, MIB_IPFORWARD_ROW2, MIB_IPFORWARD_TABLE2 } from "./layout.ts";
import { takeRows } from "./mib_table.ts";
import { AF_UNSPEC, readSockaddrInet, writeSockaddrInet } from "./sockaddr_inet.ts";

export const ROUTE_FUNCTIONS = systemFunctions("iphlpapi", {
  GetIpForwardTable2: {
    parameters: ["u16", /* ADDRESS_FAMILY Family */ "buffer" /* PMIB_IPFORWARD_TABLE2 *Table */],
    result: "u32",
  },
  InitializeIpForwardEntry: { parameters: ["buffer" /* PMIB_IPFORWARD_ROW2 Row */], result: "void" },
  SetIpForwardEntry2: { parameters: ["buffer" /* const MIB_IPFORWARD_ROW2 *Row */], result: "u32" },
  CreateIpForwardEntry2: { parameters: ["buffer" /* const MIB_IPFORWARD_ROW2 *Row */], result: "u32" },
  DeleteIpForwardEntry2: { parameters: ["buffer" /* const MIB_IPFORWARD_ROW2 *Row */], result: "u32" },
});

/** NL_ROUTE_PROTOCOL: a user or a program set the route. Windows itself adds the routes that belong to an address. */
const RouteProtocolNetMgmt = 3;

/** The network and the gateway of a route, by which Windows tells the routes of an interface apart. */
export interface RouteKey extends Cidr {
  /** The gateway. Absent: the network is on the interface's link. */
  readonly via?: IpAddress;
}

/** A route through an interface. */
export interface Route extends RouteKey {
  /** Windows adds the interface metric to it. */
  readonly metric: number;
  /** Whether a user or a program set it. */
  readonly manual: boolean;
}

/** A route to set. Its network has no host bits. The metric is 0 if it is absent. */
export type NewRoute = RouteKey & Partial<Pick<Route, "metric">>;

/** The routes through one interface. */
export class Routes {
  readonly #libraries: SystemLibraries;
  readonly #luid: bigint;

  /** Called by `Interface`. */
  constructor(libraries: SystemLibraries, luid: bigint) {
    this.#libraries = libraries;
    this.#luid = luid;
  }

  /** Returns the routes in the order of Windows (GetIpForwardTable2). @throws {Win32Error} */
  list(): readonly Route[] {
    return listRoutes(this.#libraries).get(this.#luid) ?? [];
  }

  /**
   * Adds a route (CreateIpForwardEntry2). Returns `false` if there is one to that network through that gateway.
   * @throws {Win32Error}
   */
  add(route: NewRoute): boolean {
    const code = this.#iphlpapi.CreateIpForwardEntry2(this.#row(route));
    if (code === ERROR_OBJECT_ALREADY_EXISTS) return false;
    if (code !== 0) throw new Win32Error(code, "Cannot add a route");
    return true;
  }

  /** Changes the metric of a route (SetIpForwardEntry2). @throws {Win32Error} 1168 if the route does not exist. */
  change(route: NewRoute): void {
    const code = this.#iphlpapi.SetIpForwardEntry2(this.#row(route));
    if (code !== 0) throw new Win32Error(code, "Cannot change a route");
  }

  /** Removes a route (DeleteIpForwardEntry2). Returns `false` if the route does not exist. @throws {Win32Error} */
  remove(route: RouteKey): boolean {
    const code = this.#iphlpapi.DeleteIpForwardEntry2(this.#row(route));
    if (code === ERROR_NOT_FOUND) return false;
    if (code !== 0) throw new Win32Error(code, "Cannot remove a route");
    return true;
  }

  get #iphlpapi(): BoundFunctions<typeof ROUTE_FUNCTIONS> {
    return this.#libraries.bind(ROUTE_FUNCTIONS);
  }

  #row({ address, prefixLength, via, metric = 0 }: NewRoute): ArrayBuffer {
    const row = new DataView(new ArrayBuffer(MIB_IPFORWARD_ROW2.size));
    this.#iphlpapi.InitializeIpForwardEntry(row.buffer);
    row.setBigUint64(MIB_IPFORWARD_ROW2.InterfaceLuid, this.#luid, true);
    const prefix = MIB_IPFORWARD_ROW2.DestinationPrefix;
    writeSockaddrInet(row, prefix + IP_ADDRESS_PREFIX.Prefix, address);
    row.setUint8(prefix + IP_ADDRESS_PREFIX.PrefixLength, prefixLength);
    // The unspecified address means that there is no gateway: the destination is on the link.
    const none = { family: address.family, bytes: new Uint8Array(ADDRESS_LENGTH[address.family]) };
    writeSockaddrInet(row, MIB_IPFORWARD_ROW2.NextHop, via ?? none);
    // InitializeIpForwardEntry sets fields to values that its documentation calls illegal.
    row.setUint8(MIB_IPFORWARD_ROW2.SitePrefixLength, 0);
    row.setUint32(MIB_IPFORWARD_ROW2.Protocol, RouteProtocolNetMgmt, true);
    row.setUint32(MIB_IPFORWARD_ROW2.Metric, metric, true);
    return row.buffer;
  }
}

/** Returns the routes of all interfaces, by LUID (GetIpForwardTable2). @throws {Win32Error} */
export function listRoutes(libraries: SystemLibraries): Map<bigint, Route[]> {
  const table = new BigUint64Array(1);
  const code = libraries.bind(ROUTE_FUNCTIONS).GetIpForwardTable2(AF_UNSPEC, table);
  const byLuid = new Map<bigint, Route[]>();
  if (code === ERROR_NOT_FOUND) return byLuid;
  if (code !== 0) throw new Win32Error(code, "Cannot read the table of routes");
  for (const row of takeRows(libraries, table, MIB_IPFORWARD_TABLE2, MIB_IPFORWARD_ROW2.size)) {
    const address = readSockaddrInet(row, MIB_IPFORWARD_ROW2.DestinationPrefix + IP_ADDRESS_PREFIX.Prefix);
    if (address === undefined) continue;
    const nextHop = readSockaddrInet(row, MIB_IPFORWARD_ROW2.NextHop);
    const luid = row.getBigUint64(MIB_IPFORWARD_ROW2.InterfaceLuid, true);
    const routes = byLuid.get(luid) ?? [];
    routes.push({
      address,
      prefixLength: row.getUint8(MIB_IPFORWARD_ROW2.DestinationPrefix + IP_ADDRESS_PREFIX.PrefixLength),
      ...(nextHop?.bytes.some((byte) => byte !== 0) ? { via: nextHop } : {}),
      metric: row.getUint32(MIB_IPFORWARD_ROW2.Metric, true),
      manual: row.getUint32(MIB_IPFORWARD_ROW2.Protocol, true) === RouteProtocolNetMgmt,
    });
    byLuid.set(luid, routes);
  }
  return byLuid;
}
