import type { Cidr } from "../../wire/cidr.ts";
import { ADDRESS_LENGTH } from "../../wire/ip_address.ts";
import { type Iphlpapi, takeRows } from "./iphlpapi.ts";
import { IP_ADDRESS_PREFIX, MIB_IPFORWARD_ROW2, MIB_IPFORWARD_TABLE2 } from "./layout.ts";
import { AF_UNSPEC, readSockaddrInet, writeSockaddrInet } from "./sockaddr_inet.ts";
import { ERROR_NOT_FOUND, ERROR_OBJECT_ALREADY_EXISTS, Win32Error } from "../win32_error.ts";

/** NL_ROUTE_PROTOCOL: set by hand or by a program, rather than by Windows for an address. */
const RouteProtocolNetMgmt = 3;

/** A route through an interface, without a gateway. */
export interface Route extends Cidr {
  /** Whether somebody set it. */
  readonly manual: boolean;
}

/** The routes that lead straight into the interface `luid` (GetIpForwardTable2). */
export function listRoutes(iphlpapi: Iphlpapi, luid: bigint): Route[] {
  const table = new BigUint64Array(1);
  const code = iphlpapi.routes.GetIpForwardTable2(AF_UNSPEC, table);
  if (code === ERROR_NOT_FOUND) return [];
  if (code !== 0) throw new Win32Error(code, "Cannot read the table of routes");
  return takeRows(iphlpapi.routes, table, MIB_IPFORWARD_TABLE2, MIB_IPFORWARD_ROW2.size).flatMap((row) => {
    const nextHop = readSockaddrInet(row, MIB_IPFORWARD_ROW2.NextHop);
    const address = readSockaddrInet(row, MIB_IPFORWARD_ROW2.DestinationPrefix + IP_ADDRESS_PREFIX.Prefix);
    const isOurs = row.getBigUint64(MIB_IPFORWARD_ROW2.InterfaceLuid, true) === luid;
    if (!isOurs || address === undefined || nextHop?.bytes.some((byte) => byte !== 0)) return [];
    return [{
      address,
      prefixLength: row.getUint8(MIB_IPFORWARD_ROW2.DestinationPrefix + IP_ADDRESS_PREFIX.PrefixLength),
      manual: row.getUint32(MIB_IPFORWARD_ROW2.Protocol, true) === RouteProtocolNetMgmt,
    }];
  });
}

/**
 * Sends what goes to `destination` (without host bits) into the interface (CreateIpForwardEntry2). `false` when that
 * route is there already.
 */
export function addRoute(iphlpapi: Iphlpapi, luid: bigint, destination: Cidr): boolean {
  const code = iphlpapi.routes.CreateIpForwardEntry2(routeRow(iphlpapi, luid, destination));
  if (code === ERROR_OBJECT_ALREADY_EXISTS) return false;
  if (code !== 0) throw new Win32Error(code, "Cannot add a route");
  return true;
}

/** Takes a route away (DeleteIpForwardEntry2). `false` when there is none. */
export function removeRoute(iphlpapi: Iphlpapi, luid: bigint, destination: Cidr): boolean {
  const code = iphlpapi.routes.DeleteIpForwardEntry2(routeRow(iphlpapi, luid, destination));
  if (code === ERROR_NOT_FOUND) return false;
  if (code !== 0) throw new Win32Error(code, "Cannot remove a route");
  return true;
}

function routeRow(iphlpapi: Iphlpapi, luid: bigint, { address, prefixLength }: Cidr): ArrayBuffer {
  const row = new DataView(new ArrayBuffer(MIB_IPFORWARD_ROW2.size));
  iphlpapi.routes.InitializeIpForwardEntry(row.buffer);
  row.setBigUint64(MIB_IPFORWARD_ROW2.InterfaceLuid, luid, true);
  const prefix = MIB_IPFORWARD_ROW2.DestinationPrefix;
  writeSockaddrInet(row, prefix + IP_ADDRESS_PREFIX.Prefix, address);
  row.setUint8(prefix + IP_ADDRESS_PREFIX.PrefixLength, prefixLength);
  // The unspecified address: no gateway, the destination is on the link.
  const none = { family: address.family, bytes: new Uint8Array(ADDRESS_LENGTH[address.family]) };
  writeSockaddrInet(row, MIB_IPFORWARD_ROW2.NextHop, none);
  // InitializeIpForwardEntry leaves values here that its own documentation calls illegal.
  row.setUint8(MIB_IPFORWARD_ROW2.SitePrefixLength, 0);
  row.setUint32(MIB_IPFORWARD_ROW2.Protocol, RouteProtocolNetMgmt, true);
  row.setUint32(MIB_IPFORWARD_ROW2.Metric, 0, true);
  return row.buffer;
}
