import type { Iphlpapi } from "./iphlpapi.ts";
import { MIB_IPINTERFACE_ROW } from "./layout.ts";
import { addressFamily, type Family } from "./sockaddr_inet.ts";
import { ERROR_FILE_NOT_FOUND, ERROR_NOT_FOUND, Win32Error } from "../win32_error.ts";

/** What one IP version knows of a network interface, as far as this program uses it (MIB_IPINTERFACE_ROW). */
export interface IpInterface {
  /** Bytes. */
  readonly mtu: number;
  readonly metric: number;
  readonly automaticMetric: boolean;
}

/** Changes to an `IpInterface`; what is absent stays. */
export interface IpInterfaceChange {
  readonly mtu?: number;
  /** 1 and more; 0 makes the metric automatic. */
  readonly metric?: number;
}

/** The interface as one IP version sees it, or `undefined` while it has none of that (GetIpInterfaceEntry). */
export function getIpInterface(iphlpapi: Iphlpapi, luid: bigint, family: Family): IpInterface | undefined {
  const row = getRow(iphlpapi, luid, family);
  if (row === undefined) return undefined;
  return {
    mtu: row.getUint32(MIB_IPINTERFACE_ROW.NlMtu, true),
    metric: row.getUint32(MIB_IPINTERFACE_ROW.Metric, true),
    automaticMetric: row.getUint8(MIB_IPINTERFACE_ROW.UseAutomaticMetric) !== 0,
  };
}

/**
 * Changes MTU and metric (SetIpInterfaceEntry).
 * @throws {Win32Error} 1168 when the interface is gone, 87 for a value that Windows does not take.
 */
export function setIpInterface(
  iphlpapi: Iphlpapi,
  luid: bigint,
  family: Family,
  change: IpInterfaceChange,
): void {
  const operation = `Cannot set the IPv${family} interface`;
  const row = getRow(iphlpapi, luid, family);
  if (row === undefined) throw new Win32Error(ERROR_NOT_FOUND, operation);
  // "SetIpInterfaceEntry function": it refuses the row that GetIpInterfaceEntry gives unless this is 0 for IPv4.
  if (family === 4) row.setUint32(MIB_IPINTERFACE_ROW.SitePrefixLength, 0, true);
  if (change.mtu !== undefined) row.setUint32(MIB_IPINTERFACE_ROW.NlMtu, change.mtu, true);
  if (change.metric !== undefined) {
    row.setUint8(MIB_IPINTERFACE_ROW.UseAutomaticMetric, change.metric === 0 ? 1 : 0);
    row.setUint32(MIB_IPINTERFACE_ROW.Metric, change.metric, true);
  }
  const code = iphlpapi.interfaces.SetIpInterfaceEntry(row.buffer);
  if (code !== 0) throw new Win32Error(code, operation);
}

function getRow(iphlpapi: Iphlpapi, luid: bigint, family: Family): DataView<ArrayBuffer> | undefined {
  const row = new DataView(new ArrayBuffer(MIB_IPINTERFACE_ROW.size));
  iphlpapi.interfaces.InitializeIpInterfaceEntry(row.buffer);
  row.setUint16(MIB_IPINTERFACE_ROW.Family, addressFamily(family), true);
  row.setBigUint64(MIB_IPINTERFACE_ROW.InterfaceLuid, luid, true);
  const code = iphlpapi.interfaces.GetIpInterfaceEntry(row.buffer);
  // 2: there is no such interface at all; 1168: not, or not yet, in this family.
  if (code === ERROR_NOT_FOUND || code === ERROR_FILE_NOT_FOUND) return undefined;
  if (code !== 0) throw new Win32Error(code, `Cannot read the IPv${family} interface`);
  return row;
}
