import type { Cidr } from "../../wire/cidr.ts";
import { ADDRESS_LENGTH } from "../../wire/ip_address.ts";
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
  CreateIpForwardEntry2: { parameters: ["buffer" /* const MIB_IPFORWARD_ROW2 *Row */], result: "u32" },
  DeleteIpForwardEntry2: { parameters: ["buffer" /* const MIB_IPFORWARD_ROW2 *Row */], result: "u32" },
});

/** NL_ROUTE_PROTOCOL: a user or a program set the route. Windows itself adds the routes that belong to an address. */
const RouteProtocolNetMgmt = 3;

/** A route through an interface, without a gateway. */
export interface Route extends Cidr {
  /** Whether a user or a program set it. */
  readonly manual: boolean;
}

/** The routes without a gateway through one interface. */
export class Routes {
  readonly #libraries: SystemLibraries;
  readonly #luid: bigint;

  /** Called by `Interface`. */
  constructor(libraries: SystemLibraries, luid: bigint) {
    this.#libraries = libraries;
    this.#luid = luid;
  }

  /** Returns the routes in the order of Windows (GetIpForwardTable2). @throws {Win32Error} */
  list(): Route[] {
    const table = new BigUint64Array(1);
    const code = this.#iphlpapi.GetIpForwardTable2(AF_UNSPEC, table);
    if (code === ERROR_NOT_FOUND) return [];
    if (code !== 0) throw new Win32Error(code, "Cannot read the table of routes");
    const rows = takeRows(this.#libraries, table, MIB_IPFORWARD_TABLE2, MIB_IPFORWARD_ROW2.size);
    return rows.flatMap((row) => {
      const nextHop = readSockaddrInet(row, MIB_IPFORWARD_ROW2.NextHop);
      const address = readSockaddrInet(row, MIB_IPFORWARD_ROW2.DestinationPrefix + IP_ADDRESS_PREFIX.Prefix);
      const isOurs = row.getBigUint64(MIB_IPFORWARD_ROW2.InterfaceLuid, true) === this.#luid;
      if (!isOurs || address === undefined || nextHop?.bytes.some((byte) => byte !== 0)) return [];
      return [{
        address,
        prefixLength: row.getUint8(MIB_IPFORWARD_ROW2.DestinationPrefix + IP_ADDRESS_PREFIX.PrefixLength),
        manual: row.getUint32(MIB_IPFORWARD_ROW2.Protocol, true) === RouteProtocolNetMgmt,
      }];
    });
  }

  /**
   * Adds a route to `destination`, which has no host bits, through the interface (CreateIpForwardEntry2). Returns
   * `false` if the route exists.
   * @throws {Win32Error}
   */
  add(destination: Cidr): boolean {
    const code = this.#iphlpapi.CreateIpForwardEntry2(this.#row(destination));
    if (code === ERROR_OBJECT_ALREADY_EXISTS) return false;
    if (code !== 0) throw new Win32Error(code, "Cannot add a route");
    return true;
  }

  /** Removes a route (DeleteIpForwardEntry2). Returns `false` if the route does not exist. @throws {Win32Error} */
  remove(destination: Cidr): boolean {
    const code = this.#iphlpapi.DeleteIpForwardEntry2(this.#row(destination));
    if (code === ERROR_NOT_FOUND) return false;
    if (code !== 0) throw new Win32Error(code, "Cannot remove a route");
    return true;
  }

  get #iphlpapi(): BoundFunctions<typeof ROUTE_FUNCTIONS> {
    return this.#libraries.bind(ROUTE_FUNCTIONS);
  }

  #row({ address, prefixLength }: Cidr): ArrayBuffer {
    const row = new DataView(new ArrayBuffer(MIB_IPFORWARD_ROW2.size));
    this.#iphlpapi.InitializeIpForwardEntry(row.buffer);
    row.setBigUint64(MIB_IPFORWARD_ROW2.InterfaceLuid, this.#luid, true);
    const prefix = MIB_IPFORWARD_ROW2.DestinationPrefix;
    writeSockaddrInet(row, prefix + IP_ADDRESS_PREFIX.Prefix, address);
    row.setUint8(prefix + IP_ADDRESS_PREFIX.PrefixLength, prefixLength);
    // The unspecified address means that there is no gateway: the destination is on the link.
    const none = { family: address.family, bytes: new Uint8Array(ADDRESS_LENGTH[address.family]) };
    writeSockaddrInet(row, MIB_IPFORWARD_ROW2.NextHop, none);
    // InitializeIpForwardEntry sets fields to values that its documentation calls illegal.
    row.setUint8(MIB_IPFORWARD_ROW2.SitePrefixLength, 0);
    row.setUint32(MIB_IPFORWARD_ROW2.Protocol, RouteProtocolNetMgmt, true);
    row.setUint32(MIB_IPFORWARD_ROW2.Metric, 0, true);
    return row.buffer;
  }
}
