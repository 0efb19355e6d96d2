import { parseGuid } from "../wire/guid.ts";
import { Device } from "./setupapi_device.ts";
import { SP_DEVINFO_DATA } from "./setupapi_layout.ts";
import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { toWideString } from "./wide_string.ts";
import { ERROR_INVALID_DATA, ERROR_NO_MORE_ITEMS } from "./win32_error.ts";

/** Handles are numbers here, because an invalid handle is -1. */
export const SETUP_FUNCTIONS = systemFunctions("setupapi", {
  SetupDiGetClassDevsExW: {
    parameters: [
      "buffer", /* const GUID *ClassGuid */
      "buffer", /* PCWSTR Enumerator */
      "pointer", /* HWND hwndParent */
      "u32", /* DWORD Flags */
      "isize", /* HDEVINFO DeviceInfoSet */
      "pointer", /* PCWSTR MachineName */
      "pointer", /* PVOID Reserved */
    ],
    result: "isize",
  },
  SetupDiDestroyDeviceInfoList: { parameters: ["isize" /* HDEVINFO DeviceInfoSet */], result: "i32" },
  SetupDiEnumDeviceInfo: {
    parameters: [
      "isize", /* HDEVINFO DeviceInfoSet */
      "u32", /* DWORD MemberIndex */
      "buffer", /* PSP_DEVINFO_DATA DeviceInfoData */
    ],
    result: "i32",
  },
});

type Functions = BoundFunctions<typeof SETUP_FUNCTIONS>;

const INVALID_HANDLE_VALUE = -1n;
const DIGCF_PRESENT = 0x2;

/** GUID_DEVCLASS_NET (devguid.h): the class of network adapters. */
const NET_CLASS = parseGuid("4d36e972-e325-11ce-bfc1-08002be10318")!;

/** Selects devices of the network class. */
export interface DeviceQuery {
  /** The enumerator, which is the start of the instance ids: `SWD\Wintun`, `ROOT`. */
  readonly enumerator: string;
  /** Selects only devices that are present. Windows also remembers devices that were removed. */
  readonly present: boolean;
}

/** The network devices in setupapi.dll. */
export class Setupapi {
  readonly #libraries: SystemLibraries;
  readonly #functions: Functions;

  constructor(libraries: SystemLibraries) {
    this.#libraries = libraries;
    this.#functions = libraries.bind(SETUP_FUNCTIONS);
  }

  /**
   * Visits network devices (SetupDiGetClassDevsExW, SetupDiEnumDeviceInfo) and returns the results of `visit`. A
   * `Device` is valid only during its visit.
   * @throws {Win32Error}
   */
  devices<T>(query: DeviceQuery, visit: (device: Device) => T): T[] {
    const functions = this.#functions;
    const set = functions.SetupDiGetClassDevsExW(
      NET_CLASS,
      toWideString(query.enumerator),
      null,
      query.present ? DIGCF_PRESENT : 0,
      0n,
      null,
      null,
    );
    if (set === INVALID_HANDLE_VALUE) {
      const error = this.#libraries.lastError("Cannot list the network devices");
      // Windows reports this code if the enumerator has never had a device.
      if (error.code === ERROR_INVALID_DATA) return [];
      throw error;
    }
    try {
      const found: T[] = [];
      for (let index = 0;; index++) {
        const data = new DataView(new ArrayBuffer(SP_DEVINFO_DATA.size));
        data.setUint32(SP_DEVINFO_DATA.cbSize, SP_DEVINFO_DATA.size, true);
        if (functions.SetupDiEnumDeviceInfo(set, index, data.buffer) !== 0) {
          found.push(visit(new Device(this.#libraries, set, data.buffer)));
          continue;
        }
        const error = this.#libraries.lastError("Cannot list the network devices");
        if (error.code === ERROR_NO_MORE_ITEMS) return found;
        throw error;
      }
    } finally {
      functions.SetupDiDestroyDeviceInfoList(set);
    }
  }
}
