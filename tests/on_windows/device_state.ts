import { assert } from "@std/assert";
import { toWideString } from "../../src/windows/wide_string.ts";

const SETUPAPI = {
  SetupDiCreateDeviceInfoList: { parameters: ["pointer", "pointer"], result: "pointer" },
  SetupDiOpenDeviceInfoW: { parameters: ["pointer", "buffer", "pointer", "u32", "buffer"], result: "i32" },
  SetupDiSetClassInstallParamsW: { parameters: ["pointer", "buffer", "buffer", "u32"], result: "i32" },
  SetupDiCallClassInstaller: { parameters: ["u32", "pointer", "buffer"], result: "i32" },
  SetupDiDestroyDeviceInfoList: { parameters: ["pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const DIF_PROPERTYCHANGE = 0x12;
const [DICS_ENABLE, DICS_DISABLE, DICS_FLAG_GLOBAL] = [1, 2, 1];
const SP_DEVINFO_DATA_BYTES = 32;

/** Disables or enables a device as Device Manager does. */
export function setDeviceEnabled(instanceId: string, enabled: boolean): void {
  const library = Deno.dlopen("C:\\Windows\\System32\\setupapi.dll", SETUPAPI);
  const setupapi = library.symbols;
  const set = setupapi.SetupDiCreateDeviceInfoList(null, null);
  const device = new Uint32Array(SP_DEVINFO_DATA_BYTES / 4);
  device[0] = SP_DEVINFO_DATA_BYTES;
  // SP_PROPCHANGE_PARAMS: the header with its size and the function, then the state, the scope and the hardware profile.
  const change = Uint32Array.of(
    8,
    DIF_PROPERTYCHANGE,
    enabled ? DICS_ENABLE : DICS_DISABLE,
    DICS_FLAG_GLOBAL,
    0,
  );
  try {
    assert(setupapi.SetupDiOpenDeviceInfoW(set, toWideString(instanceId), null, 0, device) !== 0, instanceId);
    assert(setupapi.SetupDiSetClassInstallParamsW(set, device, change, change.byteLength) !== 0);
    assert(setupapi.SetupDiCallClassInstaller(DIF_PROPERTYCHANGE, set, device) !== 0);
  } finally {
    setupapi.SetupDiDestroyDeviceInfoList(set);
    library.close();
  }
}
