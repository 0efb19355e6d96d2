import { parseGuid } from "../wire/guid.ts";
import { DEVPROPKEY, SP_CLASSINSTALL_HEADER, SP_REMOVEDEVICE_PARAMS } from "./setupapi_layout.ts";
import { type BoundFunctions, systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { fromWideString, toWideString } from "./wide_string.ts";

export const DEVICE_FUNCTIONS = systemFunctions("setupapi", {
  SetupDiGetDeviceInstanceIdW: {
    parameters: [
      "isize", /* HDEVINFO DeviceInfoSet */
      "buffer", /* PSP_DEVINFO_DATA DeviceInfoData */
      "buffer", /* PWSTR DeviceInstanceId */
      "u32", /* DWORD DeviceInstanceIdSize, in characters */
      "pointer", /* PDWORD RequiredSize */
    ],
    result: "i32",
  },
  SetupDiGetDeviceRegistryPropertyW: {
    parameters: [
      "isize", /* HDEVINFO DeviceInfoSet */
      "buffer", /* PSP_DEVINFO_DATA DeviceInfoData */
      "u32", /* DWORD Property */
      "pointer", /* PDWORD PropertyRegDataType */
      "buffer", /* PBYTE PropertyBuffer */
      "u32", /* DWORD PropertyBufferSize, in bytes */
      "buffer", /* PDWORD RequiredSize */
    ],
    result: "i32",
  },
  SetupDiGetDevicePropertyW: {
    parameters: [
      "isize", /* HDEVINFO DeviceInfoSet */
      "buffer", /* PSP_DEVINFO_DATA DeviceInfoData */
      "buffer", /* const DEVPROPKEY *PropertyKey */
      "buffer", /* DEVPROPTYPE *PropertyType */
      "buffer", /* PBYTE PropertyBuffer */
      "u32", /* DWORD PropertyBufferSize, in bytes */
      "buffer", /* PDWORD RequiredSize */
      "u32", /* DWORD Flags */
    ],
    result: "i32",
  },
  SetupDiSetDevicePropertyW: {
    parameters: [
      "isize", /* HDEVINFO DeviceInfoSet */
      "buffer", /* PSP_DEVINFO_DATA DeviceInfoData */
      "buffer", /* const DEVPROPKEY *PropertyKey */
      "u32", /* DEVPROPTYPE PropertyType */
      "buffer", /* const BYTE *PropertyBuffer */
      "u32", /* DWORD PropertyBufferSize, in bytes */
      "u32", /* DWORD Flags */
    ],
    result: "i32",
  },
  SetupDiOpenDevRegKey: {
    parameters: [
      "isize", /* HDEVINFO DeviceInfoSet */
      "buffer", /* PSP_DEVINFO_DATA DeviceInfoData */
      "u32", /* DWORD Scope */
      "u32", /* DWORD HwProfile */
      "u32", /* DWORD KeyType */
      "u32", /* REGSAM samDesired */
    ],
    result: "isize", /* HKEY */
  },
  SetupDiSetClassInstallParamsW: {
    parameters: [
      "isize", /* HDEVINFO DeviceInfoSet */
      "buffer", /* PSP_DEVINFO_DATA DeviceInfoData */
      "buffer", /* PSP_CLASSINSTALL_HEADER ClassInstallParams */
      "u32", /* DWORD ClassInstallParamsSize */
    ],
    result: "i32",
  },
  SetupDiCallClassInstaller: {
    parameters: [
      "u32", /* DI_FUNCTION InstallFunction */
      "isize", /* HDEVINFO DeviceInfoSet */
      "buffer", /* PSP_DEVINFO_DATA DeviceInfoData */
    ],
    result: "i32",
  },
});

type Functions = BoundFunctions<typeof DEVICE_FUNCTIONS>;

const INVALID_HANDLE_VALUE = -1n;
const SPDRP_DEVICEDESC = 0x0;
const SPDRP_HARDWAREID = 0x1;
const SPDRP_FRIENDLYNAME = 0xC;
const DICS_FLAG_GLOBAL = 1;
const DIREG_DRV = 2;
const KEY_QUERY_VALUE = 1;
const DEVPROP_TYPE_STRING = 0x12;
const DIF_REMOVE = 0x5;
const DI_REMOVEDEVICE_GLOBAL = 1;
/** MAX_DEVICE_ID_LEN (cfgmgr32.h): length of an instance id in UTF-16 units, with the NUL. */
const INSTANCE_ID_UNITS = 200;
const TEXT_UNITS = 1024;

/** A DEVPROPKEY (devpropdef.h). */
export interface PropertyKey {
  /** GUID. */
  readonly formatId: string;
  readonly propertyId: number;
}

/**
 * A device while `Setupapi.devices` visits it. A property that the device does not have is `undefined`; every property can be
 * missing.
 */
export class Device {
  readonly #libraries: SystemLibraries;
  readonly #functions: Functions;
  readonly #set: bigint;
  readonly #data: ArrayBuffer;

  /** Called by `Setupapi`. @param data A SP_DEVINFO_DATA. */
  constructor(libraries: SystemLibraries, set: bigint, data: ArrayBuffer) {
    this.#libraries = libraries;
    this.#functions = libraries.bind(DEVICE_FUNCTIONS);
    this.#set = set;
    this.#data = data;
  }

  /** The instance id, `SWD\Wintun\{GUID}`, or "" if Windows does not report it. */
  get instanceId(): string {
    const units = new Uint16Array(INSTANCE_ID_UNITS);
    const done = this.#functions.SetupDiGetDeviceInstanceIdW(
      this.#set,
      this.#data,
      units,
      units.length,
      null,
    );
    return done === 0 ? "" : fromWideString(units);
  }

  /** The friendly name, or the driver's description if there is none. */
  get description(): string | undefined {
    return this.#text(SPDRP_FRIENDLYNAME) ?? this.#text(SPDRP_DEVICEDESC);
  }

  /** The hardware ids, the most specific one first (REG_MULTI_SZ). */
  get hardwareIds(): string[] {
    const units = this.#units(SPDRP_HARDWAREID);
    return String.fromCharCode(...units).split("\0").filter((id) => id !== "");
  }

  /** Reads a device property of type DEVPROP_TYPE_STRING. */
  property(key: PropertyKey): string | undefined {
    const units = new Uint16Array(TEXT_UNITS);
    const [type, size] = [new Uint32Array(1), new Uint32Array(1)];
    const done = this.#functions.SetupDiGetDevicePropertyW(
      this.#set,
      this.#data,
      encodeKey(key),
      type,
      units,
      units.byteLength,
      size,
      0,
    );
    return done !== 0 && type[0] === DEVPROP_TYPE_STRING ? fromWideString(units) : undefined;
  }

  /** Opens the driver's registry key for reading. The caller closes it (RegCloseKey). */
  openDriverKey(): bigint | undefined {
    const key = this.#functions.SetupDiOpenDevRegKey(
      this.#set,
      this.#data,
      DICS_FLAG_GLOBAL,
      0,
      DIREG_DRV,
      KEY_QUERY_VALUE,
    );
    return key === INVALID_HANDLE_VALUE ? undefined : key;
  }

  /** Sets a property to a DEVPROP_TYPE_STRING. Needs elevation. @throws {Win32Error} */
  setProperty(key: PropertyKey, text: string): void {
    const operation = `Cannot set a property of the device ${this.instanceId}`;
    const units = toWideString(text);
    const done = this.#functions.SetupDiSetDevicePropertyW(
      this.#set,
      this.#data,
      encodeKey(key),
      DEVPROP_TYPE_STRING,
      units,
      units.byteLength,
      0,
    );
    if (done === 0) throw this.#libraries.lastError(operation);
  }

  /** Removes the device from the machine (DIF_REMOVE). Needs elevation. @throws {Win32Error} */
  remove(): void {
    const operation = `Cannot remove the device ${this.instanceId}`;
    const params = new DataView(new ArrayBuffer(SP_REMOVEDEVICE_PARAMS.size));
    params.setUint32(SP_CLASSINSTALL_HEADER.cbSize, SP_CLASSINSTALL_HEADER.size, true);
    params.setUint32(SP_CLASSINSTALL_HEADER.InstallFunction, DIF_REMOVE, true);
    params.setUint32(SP_REMOVEDEVICE_PARAMS.Scope, DI_REMOVEDEVICE_GLOBAL, true);
    // The parameters select all hardware profiles, which is also the default. A failure here therefore does not matter.
    this.#functions.SetupDiSetClassInstallParamsW(this.#set, this.#data, params.buffer, params.byteLength);
    if (this.#functions.SetupDiCallClassInstaller(DIF_REMOVE, this.#set, this.#data) === 0) {
      throw this.#libraries.lastError(operation);
    }
  }

  #text(property: number): string | undefined {
    const units = this.#units(property);
    return units.length === 0 ? undefined : fromWideString(units);
  }

  /** Reads a text property as UTF-16 units, with its NULs. The array is empty if the property does not exist. */
  #units(property: number): Uint16Array {
    const units = new Uint16Array(TEXT_UNITS);
    const size = new Uint32Array(1);
    const done = this.#functions.SetupDiGetDeviceRegistryPropertyW(
      this.#set,
      this.#data,
      property,
      null,
      units,
      units.byteLength,
      size,
    );
    return units.subarray(0, done === 0 ? 0 : size[0] / 2);
  }
}

function encodeKey({ formatId, propertyId }: PropertyKey): ArrayBuffer {
  const key = new DataView(new ArrayBuffer(DEVPROPKEY.size));
  new Uint8Array(key.buffer).set(parseGuid(formatId)!, DEVPROPKEY.fmtid);
  key.setUint32(DEVPROPKEY.pid, propertyId, true);
  return key.buffer;
}
