/** Structures of SetupAPI on 64-bit Windows (setupapi.h, devpropdef.h): byte offsets by the headers' field names. */

export const SP_DEVINFO_DATA = { size: 32, cbSize: 0 } as const;

export const SP_CLASSINSTALL_HEADER = { size: 8, cbSize: 0, InstallFunction: 4 } as const;

export const SP_REMOVEDEVICE_PARAMS = { size: 16, Scope: 8 } as const;

export const DEVPROPKEY = { size: 20, fmtid: 0, pid: 16 } as const;
