import { formatGuid } from "../../wire/guid.ts";
import { systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { fromWideString } from "../wide_string.ts";
import { ERROR_FILE_NOT_FOUND, ERROR_NOT_FOUND, Win32Error } from "../win32_error.ts";
import { MIB_IF_ROW2, MIB_IF_TABLE2 } from "./layout.ts";
import { takeRows } from "./mib_table.ts";

export const INTERFACE_FUNCTIONS = systemFunctions("iphlpapi", {
  GetIfEntry2: { parameters: ["buffer" /* PMIB_IF_ROW2 Row */], result: "u32" },
  GetIfTable2: { parameters: ["buffer" /* PMIB_IF_TABLE2 *Table */], result: "u32" },
});

/** NDIS_IF_MAX_STRING_SIZE + 1 (ifdef.h): UTF-16 units of an alias or a description, with the NUL. */
const STRING_UNITS = 257;
/** IF_OPER_STATUS (ifdef.h). */
const IfOperStatusNotPresent = 6;
/** NET_IF_MEDIA_CONNECT_STATE (ifdef.h). */
const MediaConnectStateConnected = 1;

/** The properties of a network interface of any kind that this program uses (MIB_IF_ROW2). */
export interface InterfaceInfo {
  readonly luid: bigint;
  readonly ifIndex: number;
  /** Lower case, without braces. */
  readonly guid: string;
  /** The name of the connection in Windows. */
  readonly alias: string;
  readonly description: string;
  /** In bytes. */
  readonly mtu: number;
  readonly connected: boolean;
  /** Whether the device is present. Windows may still list an interface without a device (IfOperStatusNotPresent). */
  readonly isPresent: boolean;
  readonly traffic: Traffic;
}

/** What an interface has carried since it exists. The directions are those of the interface: Windows sends, a session receives. */
export interface Traffic {
  readonly receivedPackets: number;
  readonly receivedBytes: number;
  readonly receivedErrors: number;
  readonly receivedDiscards: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly sentErrors: number;
  readonly sentDiscards: number;
}

/** Returns the interface with that LUID, or `undefined` if it does not exist (GetIfEntry2). @throws {Win32Error} */
export function readInterface(libraries: SystemLibraries, luid: bigint): InterfaceInfo | undefined {
  const row = new DataView(new ArrayBuffer(MIB_IF_ROW2.size));
  row.setBigUint64(MIB_IF_ROW2.InterfaceLuid, luid, true);
  const code = libraries.bind(INTERFACE_FUNCTIONS).GetIfEntry2(row.buffer);
  if (code === ERROR_FILE_NOT_FOUND || code === ERROR_NOT_FOUND) return undefined;
  if (code !== 0) throw new Win32Error(code, "Cannot read the network interface");
  return describe(row);
}

/** Returns all interfaces of the machine (GetIfTable2). @throws {Win32Error} */
export function listInterfaces(libraries: SystemLibraries): InterfaceInfo[] {
  const table = new BigUint64Array(1);
  const code = libraries.bind(INTERFACE_FUNCTIONS).GetIfTable2(table);
  if (code !== 0) throw new Win32Error(code, "Cannot read the table of network interfaces");
  return takeRows(libraries, table, MIB_IF_TABLE2, MIB_IF_ROW2.size).map(describe);
}

function describe(row: DataView<ArrayBuffer>): InterfaceInfo {
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
    isPresent: row.getUint32(MIB_IF_ROW2.OperStatus, true) !== IfOperStatusNotPresent,
    traffic: readTraffic(row),
  };
}

function readTraffic(row: DataView): Traffic {
  const count = (offset: number): number => Number(row.getBigUint64(offset, true));
  return {
    receivedPackets: count(MIB_IF_ROW2.InUcastPkts) + count(MIB_IF_ROW2.InNUcastPkts),
    receivedBytes: count(MIB_IF_ROW2.InOctets),
    receivedErrors: count(MIB_IF_ROW2.InErrors),
    receivedDiscards: count(MIB_IF_ROW2.InDiscards),
    sentPackets: count(MIB_IF_ROW2.OutUcastPkts) + count(MIB_IF_ROW2.OutNUcastPkts),
    sentBytes: count(MIB_IF_ROW2.OutOctets),
    sentErrors: count(MIB_IF_ROW2.OutErrors),
    sentDiscards: count(MIB_IF_ROW2.OutDiscards),
  };
}
