import { formatGuid } from "../../wire/guid.ts";
import { type Iphlpapi, takeRows } from "./iphlpapi.ts";
import { MIB_IF_ROW2, MIB_IF_TABLE2 } from "./layout.ts";
import { fromWideString, toWideString } from "../wide_string.ts";
import {
  ERROR_FILE_NOT_FOUND,
  ERROR_INVALID_PARAMETER,
  ERROR_NOT_FOUND,
  Win32Error,
} from "../win32_error.ts";

/** NDIS_IF_MAX_STRING_SIZE + 1 (ifdef.h): UTF-16 units of an alias or a description with its NUL. */
const STRING_UNITS = 257;
const ERROR_INVALID_NAME = 123;
const NO_SUCH_ALIAS: ReadonlySet<number> = new Set([
  ERROR_INVALID_PARAMETER,
  ERROR_INVALID_NAME,
  ERROR_FILE_NOT_FOUND,
  ERROR_NOT_FOUND,
]);
/** NET_IF_MEDIA_CONNECT_STATE */
const MediaConnectStateConnected = 1;

/** A network interface of any kind (MIB_IF_ROW2). */
export interface NetworkInterface {
  readonly luid: bigint;
  readonly ifIndex: number;
  /** Lower case, without braces. */
  readonly guid: string;
  /** The connection's name, as Windows shows it. */
  readonly alias: string;
  readonly description: string;
  /** Bytes. */
  readonly mtu: number;
  readonly connected: boolean;
}

/** The interface with that LUID, or `undefined` (GetIfEntry2). */
export function getInterface(iphlpapi: Iphlpapi, luid: bigint): NetworkInterface | undefined {
  const row = new DataView(new ArrayBuffer(MIB_IF_ROW2.size));
  row.setBigUint64(MIB_IF_ROW2.InterfaceLuid, luid, true);
  const code = iphlpapi.interfaces.GetIfEntry2(row.buffer);
  if (code === ERROR_FILE_NOT_FOUND || code === ERROR_NOT_FOUND) return undefined;
  if (code !== 0) throw new Win32Error(code, "Cannot read the network interface");
  return readInterface(row);
}

/** All interfaces of the machine (GetIfTable2). */
export function listInterfaces(iphlpapi: Iphlpapi): NetworkInterface[] {
  const table = new BigUint64Array(1);
  const code = iphlpapi.tables.GetIfTable2(table);
  if (code !== 0) throw new Win32Error(code, "Cannot read the table of network interfaces");
  return takeRows(iphlpapi.tables, table, MIB_IF_TABLE2, MIB_IF_ROW2.size).map(readInterface);
}

/** The LUID of the interface with that alias, or `undefined` (ConvertInterfaceAliasToLuid; case does not matter). */
export function findLuid(iphlpapi: Iphlpapi, alias: string): bigint | undefined {
  const luid = new BigUint64Array(1);
  const code = iphlpapi.interfaces.ConvertInterfaceAliasToLuid(toWideString(alias), luid);
  // Microsoft's page names 87 for an alias that no interface has; the others are how similar functions say so.
  if (NO_SUCH_ALIAS.has(code)) return undefined;
  if (code !== 0) throw new Win32Error(code, `Cannot look for an interface named "${alias}"`);
  return luid[0];
}

function readInterface(row: DataView<ArrayBuffer>): NetworkInterface {
  const bytes = (offset: number, size: number): ArrayBuffer => row.buffer.slice(offset, offset + size);
  const text = (offset: number): string => fromWideString(new Uint16Array(bytes(offset, STRING_UNITS * 2)));
  return {
    luid: row.getBigUint64(MIB_IF_ROW2.InterfaceLuid, true),
    ifIndex: row.getUint32(MIB_IF_ROW2.InterfaceIndex, true),
    guid: formatGuid(new Uint8Array(bytes(MIB_IF_ROW2.InterfaceGuid, 16))),
    alias: text(MIB_IF_ROW2.Alias),
    description: text(MIB_IF_ROW2.Description),
    mtu: row.getUint32(MIB_IF_ROW2.Mtu, true),
    connected: row.getUint32(MIB_IF_ROW2.MediaConnectState, true) === MediaConnectStateConnected,
  };
}
