import type { Cidr } from "../../wire/cidr.ts";
import { type Iphlpapi, takeRows } from "./iphlpapi.ts";
import { MIB_UNICASTIPADDRESS_ROW, MIB_UNICASTIPADDRESS_TABLE } from "./layout.ts";
import { AF_UNSPEC, readSockaddrInet, writeSockaddrInet } from "./sockaddr_inet.ts";
import { ERROR_NOT_FOUND, ERROR_OBJECT_ALREADY_EXISTS, Win32Error } from "../win32_error.ts";

/** NL_DAD_STATE: the address may be used at once, without asking the link whether somebody else has it. */
const IpDadStatePreferred = 4;
/** NL_PREFIX_ORIGIN: set by hand or by a program. */
const IpPrefixOriginManual = 1;
/** NL_PREFIX_ORIGIN: the link-local prefixes, fe80::/10 and 169.254.0.0/16. */
const IpPrefixOriginWellKnown = 2;

/** An address of an interface. */
export interface UnicastAddress extends Cidr {
  /** Whether somebody set it, rather than Windows or a router on its own. */
  readonly manual: boolean;
  /** Whether Windows gave it to the interface on its own, as it does to every one. */
  readonly linkLocal: boolean;
}

/** The addresses of the interface `luid`, in the order in which Windows has them (GetUnicastIpAddressTable). */
export function listAddresses(iphlpapi: Iphlpapi, luid: bigint): UnicastAddress[] {
  return listAllAddresses(iphlpapi).get(luid) ?? [];
}

/** The addresses of every interface, by LUID. */
export function listAllAddresses(iphlpapi: Iphlpapi): Map<bigint, UnicastAddress[]> {
  const table = new BigUint64Array(1);
  const code = iphlpapi.interfaces.GetUnicastIpAddressTable(AF_UNSPEC, table);
  const byLuid = new Map<bigint, UnicastAddress[]>();
  // Microsoft's page: ERROR_NOT_FOUND is the answer of a machine without any address.
  if (code === ERROR_NOT_FOUND) return byLuid;
  if (code !== 0) throw new Win32Error(code, "Cannot read the table of addresses");
  const rows = takeRows(
    iphlpapi.interfaces,
    table,
    MIB_UNICASTIPADDRESS_TABLE,
    MIB_UNICASTIPADDRESS_ROW.size,
  );
  for (const row of rows) {
    const address = readSockaddrInet(row, MIB_UNICASTIPADDRESS_ROW.Address);
    if (address === undefined) continue;
    const luid = row.getBigUint64(MIB_UNICASTIPADDRESS_ROW.InterfaceLuid, true);
    const addresses = byLuid.get(luid) ?? [];
    const origin = row.getUint32(MIB_UNICASTIPADDRESS_ROW.PrefixOrigin, true);
    addresses.push({
      address,
      prefixLength: row.getUint8(MIB_UNICASTIPADDRESS_ROW.OnLinkPrefixLength),
      manual: origin === IpPrefixOriginManual,
      linkLocal: origin === IpPrefixOriginWellKnown,
    });
    byLuid.set(luid, addresses);
  }
  return byLuid;
}

/**
 * Adds an address, usable at once (CreateUnicastIpAddressEntry). `false` when the interface has it already.
 * @throws {Win32Error} 1168 when the interface does not exist in the address's family.
 */
export function addAddress(iphlpapi: Iphlpapi, luid: bigint, { address, prefixLength }: Cidr): boolean {
  const row = new DataView(new ArrayBuffer(MIB_UNICASTIPADDRESS_ROW.size));
  iphlpapi.interfaces.InitializeUnicastIpAddressEntry(row.buffer);
  writeSockaddrInet(row, MIB_UNICASTIPADDRESS_ROW.Address, address);
  row.setBigUint64(MIB_UNICASTIPADDRESS_ROW.InterfaceLuid, luid, true);
  row.setUint8(MIB_UNICASTIPADDRESS_ROW.OnLinkPrefixLength, prefixLength);
  row.setUint32(MIB_UNICASTIPADDRESS_ROW.DadState, IpDadStatePreferred, true);
  const code = iphlpapi.interfaces.CreateUnicastIpAddressEntry(row.buffer);
  if (code === ERROR_OBJECT_ALREADY_EXISTS) return false;
  if (code !== 0) throw new Win32Error(code, "Cannot add an address");
  return true;
}

/** Takes an address away (DeleteUnicastIpAddressEntry). `false` when the interface does not have it. */
export function removeAddress(iphlpapi: Iphlpapi, luid: bigint, { address }: Cidr): boolean {
  const row = new DataView(new ArrayBuffer(MIB_UNICASTIPADDRESS_ROW.size));
  iphlpapi.interfaces.InitializeUnicastIpAddressEntry(row.buffer);
  writeSockaddrInet(row, MIB_UNICASTIPADDRESS_ROW.Address, address);
  row.setBigUint64(MIB_UNICASTIPADDRESS_ROW.InterfaceLuid, luid, true);
  const code = iphlpapi.interfaces.DeleteUnicastIpAddressEntry(row.buffer);
  if (code === ERROR_NOT_FOUND) return false;
  if (code !== 0) throw new Win32Error(code, "Cannot remove an address");
  return true;
}
