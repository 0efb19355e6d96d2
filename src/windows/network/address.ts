import type { Cidr } from "../../wire/cidr.ts";
import { type BoundFunctions, systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { ERROR_NOT_FOUND, ERROR_OBJECT_ALREADY_EXISTS, Win32Error } from "../win32_error.ts";
import { MIB_UNICASTIPADDRESS_ROW, MIB_UNICASTIPADDRESS_TABLE } from "./layout.ts";
import { takeRows } from "./mib_table.ts";
import { AF_UNSPEC, readSockaddrInet, writeSockaddrInet } from "./sockaddr_inet.ts";

export const ADDRESS_FUNCTIONS = systemFunctions("iphlpapi", {
  GetUnicastIpAddressTable: {
    parameters: ["u16", /* ADDRESS_FAMILY Family */ "buffer" /* PMIB_UNICASTIPADDRESS_TABLE *Table */],
    result: "u32",
  },
  InitializeUnicastIpAddressEntry: {
    parameters: ["buffer" /* PMIB_UNICASTIPADDRESS_ROW Row */],
    result: "void",
  },
  CreateUnicastIpAddressEntry: {
    parameters: ["buffer" /* const MIB_UNICASTIPADDRESS_ROW *Row */],
    result: "u32",
  },
  DeleteUnicastIpAddressEntry: {
    parameters: ["buffer" /* const MIB_UNICASTIPADDRESS_ROW *Row */],
    result: "u32",
  },
});

/** NL_DAD_STATE: the address is usable at once, without duplicate address detection on the link. */
const IpDadStatePreferred = 4;
/** NL_PREFIX_ORIGIN: a user or a program set the address. */
const IpPrefixOriginManual = 1;
/** NL_PREFIX_ORIGIN: the link-local prefixes, fe80::/10 and 169.254.0.0/16. */
const IpPrefixOriginWellKnown = 2;

/** An address of an interface. */
export interface UnicastAddress extends Cidr {
  /** Whether a user or a program set it, rather than Windows or a router. */
  readonly manual: boolean;
  /** Whether Windows assigned it to the interface as its link-local address. */
  readonly linkLocal: boolean;
}

/** The addresses of one interface. */
export class Addresses {
  readonly #libraries: SystemLibraries;
  readonly #luid: bigint;

  /** Called by `Interface`. */
  constructor(libraries: SystemLibraries, luid: bigint) {
    this.#libraries = libraries;
    this.#luid = luid;
  }

  /** Returns the addresses in the order of Windows (GetUnicastIpAddressTable). @throws {Win32Error} */
  list(): readonly UnicastAddress[] {
    return listAddresses(this.#libraries).get(this.#luid) ?? [];
  }

  /**
   * Adds an address that is usable at once (CreateUnicastIpAddressEntry). Returns `false` if an interface already has
   * it.
   * @throws {Win32Error} 1168 if the interface does not exist in the address's family.
   */
  add({ address, prefixLength }: Cidr): boolean {
    const row = this.#row({ address });
    row.setUint8(MIB_UNICASTIPADDRESS_ROW.OnLinkPrefixLength, prefixLength);
    row.setUint32(MIB_UNICASTIPADDRESS_ROW.DadState, IpDadStatePreferred, true);
    const code = this.#iphlpapi.CreateUnicastIpAddressEntry(row.buffer);
    if (code === ERROR_OBJECT_ALREADY_EXISTS) return false;
    if (code !== 0) throw new Win32Error(code, "Cannot add an address");
    return true;
  }

  /**
   * Removes an address (DeleteUnicastIpAddressEntry). Returns `false` if the interface does not have it.
   * @throws {Win32Error}
   */
  remove({ address }: Pick<Cidr, "address">): boolean {
    const code = this.#iphlpapi.DeleteUnicastIpAddressEntry(this.#row({ address }).buffer);
    if (code === ERROR_NOT_FOUND) return false;
    if (code !== 0) throw new Win32Error(code, "Cannot remove an address");
    return true;
  }

  get #iphlpapi(): BoundFunctions<typeof ADDRESS_FUNCTIONS> {
    return this.#libraries.bind(ADDRESS_FUNCTIONS);
  }

  #row({ address }: Pick<Cidr, "address">): DataView<ArrayBuffer> {
    const row = new DataView(new ArrayBuffer(MIB_UNICASTIPADDRESS_ROW.size));
    this.#iphlpapi.InitializeUnicastIpAddressEntry(row.buffer);
    writeSockaddrInet(row, MIB_UNICASTIPADDRESS_ROW.Address, address);
    row.setBigUint64(MIB_UNICASTIPADDRESS_ROW.InterfaceLuid, this.#luid, true);
    return row;
  }
}

/** Returns the addresses of all interfaces, by LUID (GetUnicastIpAddressTable). @throws {Win32Error} */
export function listAddresses(libraries: SystemLibraries): Map<bigint, UnicastAddress[]> {
  const table = new BigUint64Array(1);
  const code = libraries.bind(ADDRESS_FUNCTIONS).GetUnicastIpAddressTable(AF_UNSPEC, table);
  const byLuid = new Map<bigint, UnicastAddress[]>();
  // "GetUnicastIpAddressTable function": ERROR_NOT_FOUND means that the machine has no address.
  if (code === ERROR_NOT_FOUND) return byLuid;
  if (code !== 0) throw new Win32Error(code, "Cannot read the table of addresses");
  const rows = takeRows(libraries, table, MIB_UNICASTIPADDRESS_TABLE, MIB_UNICASTIPADDRESS_ROW.size);
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
