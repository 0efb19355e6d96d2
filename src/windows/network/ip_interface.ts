import { type BoundFunctions, systemFunctions } from "../system_functions.ts";
import type { SystemLibraries } from "../system_libraries.ts";
import { ERROR_FILE_NOT_FOUND, ERROR_NOT_FOUND, Win32Error } from "../win32_error.ts";
import { MIB_IPINTERFACE_ROW } from "./layout.ts";
import { addressFamily, type Family } from "./sockaddr_inet.ts";

export const IP_INTERFACE_FUNCTIONS = systemFunctions("iphlpapi", {
  InitializeIpInterfaceEntry: { parameters: ["buffer" /* PMIB_IPINTERFACE_ROW Row */], result: "void" },
  GetIpInterfaceEntry: { parameters: ["buffer" /* PMIB_IPINTERFACE_ROW Row */], result: "u32" },
  SetIpInterfaceEntry: { parameters: ["buffer" /* PMIB_IPINTERFACE_ROW Row */], result: "u32" },
});

/** The settings of a network interface for one IP version that this program uses (MIB_IPINTERFACE_ROW). */
export interface IpSettings {
  /** In bytes. */
  readonly mtu: number;
  readonly metric: number;
  readonly automaticMetric: boolean;
  /** Whether packets that arrive here for other hosts are forwarded. */
  readonly forwarding: boolean;
}

/** Changes to `IpSettings`. An absent setting is not changed. */
export interface IpSettingsChange {
  /** In bytes. */
  readonly mtu?: number;
  /** 1 or more; 0 makes the metric automatic. */
  readonly metric?: number;
  readonly forwarding?: boolean;
}

/** A network interface as one IP version sees it. */
export class IpInterface {
  readonly #iphlpapi: BoundFunctions<typeof IP_INTERFACE_FUNCTIONS>;
  readonly #luid: bigint;
  readonly #family: Family;

  /** Called by `Interface`. */
  constructor(libraries: SystemLibraries, luid: bigint, family: Family) {
    this.#iphlpapi = libraries.bind(IP_INTERFACE_FUNCTIONS);
    this.#luid = luid;
    this.#family = family;
  }

  /**
   * Returns the settings, or `undefined` while the interface does not exist in this IP version (GetIpInterfaceEntry).
   * @throws {Win32Error}
   */
  settings(): IpSettings | undefined {
    const row = this.#row();
    if (row === undefined) return undefined;
    return {
      mtu: row.getUint32(MIB_IPINTERFACE_ROW.NlMtu, true),
      metric: row.getUint32(MIB_IPINTERFACE_ROW.Metric, true),
      automaticMetric: row.getUint8(MIB_IPINTERFACE_ROW.UseAutomaticMetric) !== 0,
      forwarding: row.getUint8(MIB_IPINTERFACE_ROW.ForwardingEnabled) !== 0,
    };
  }

  /**
   * Changes MTU, metric and forwarding (SetIpInterfaceEntry).
   * @throws {Win32Error} 1168 if the interface is gone, 87 if Windows refuses a value.
   */
  change({ mtu, metric, forwarding }: IpSettingsChange): void {
    const operation = `Cannot set the IPv${this.#family} interface`;
    const row = this.#row();
    if (row === undefined) throw new Win32Error(ERROR_NOT_FOUND, operation);
    // "SetIpInterfaceEntry function": for IPv4, it refuses the row from GetIpInterfaceEntry unless this field is 0.
    if (this.#family === 4) row.setUint32(MIB_IPINTERFACE_ROW.SitePrefixLength, 0, true);
    if (mtu !== undefined) row.setUint32(MIB_IPINTERFACE_ROW.NlMtu, mtu, true);
    if (metric !== undefined) {
      row.setUint8(MIB_IPINTERFACE_ROW.UseAutomaticMetric, metric === 0 ? 1 : 0);
      row.setUint32(MIB_IPINTERFACE_ROW.Metric, metric, true);
    }
    if (forwarding !== undefined) {
      row.setUint8(MIB_IPINTERFACE_ROW.ForwardingEnabled, forwarding ? 1 : 0);
    }
    const code = this.#iphlpapi.SetIpInterfaceEntry(row.buffer);
    if (code !== 0) throw new Win32Error(code, operation);
  }

  #row(): DataView<ArrayBuffer> | undefined {
    const row = new DataView(new ArrayBuffer(MIB_IPINTERFACE_ROW.size));
    this.#iphlpapi.InitializeIpInterfaceEntry(row.buffer);
    row.setUint16(MIB_IPINTERFACE_ROW.Family, addressFamily(this.#family), true);
    row.setBigUint64(MIB_IPINTERFACE_ROW.InterfaceLuid, this.#luid, true);
    const code = this.#iphlpapi.GetIpInterfaceEntry(row.buffer);
    // 2: the interface does not exist. 1168: it does not exist in this family, or not yet.
    if (code === ERROR_NOT_FOUND || code === ERROR_FILE_NOT_FOUND) return undefined;
    if (code !== 0) throw new Win32Error(code, `Cannot read the IPv${this.#family} interface`);
    return row;
  }
}
