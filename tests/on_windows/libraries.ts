/** Where the tests find the DLLs: those of the Windows world (`deno task test:windows`), or on real Windows its own. */

import { fromFileUrl } from "@std/path";

/** Set by the Windows world for every program in it. */
export const isWindowsWorld: boolean = Deno.env.get("WINTUN_WINDOWS_WORLD") === "1";

/** Wintun's emulator as a DLL. */
export const emulatorPath = "Z:\\world\\wintun.dll";

/** Whether the tests in a Windows world are about the signed DLL, and not about the emulator. */
export const onSignedDll: boolean = Deno.env.get("WINTUN_WORLD_DLL") !== "emulator";

/** Wine's own iphlpapi.dll, without the functions that it lacks. The world's stand-in is in its place. */
export const wineIphlpapiPath = "C:\\windows\\system32\\iphlpapi_wine.dll";

/** What the stand-in for iphlpapi.dll was asked, one JSON object a line. */
export const iphlpapiRecord = "Z:\\world\\iphlpapi_calls.jsonl";

/** While there is this file, the stand-in for the Network List Manager hangs. */
export const networkListHangs = "Z:\\world\\network_list_hangs";

/** The signed DLL in a Windows world. */
export const worldSignedPath = "Z:\\checkout\\vendor\\wintun\\wintun-amd64.dll";

/** The signed DLL of this architecture, as `deno task vendor` brings it. */
export const signedPath: string = fromFileUrl(
  new URL(
    `../../vendor/wintun/wintun-${Deno.build.arch === "aarch64" ? "arm64" : "amd64"}.dll`,
    import.meta.url,
  ),
);

/** The wintun.dll that the tests are about. */
export const wintunPath: string = isWindowsWorld && !onSignedDll ? emulatorPath : signedPath;

/** The Windows world's stand-ins for what lies below wintun.dll, which export the emulator's control functions too. */
export const standInsPath = "C:\\windows\\system32\\bcryptprimitives.dll";
