/** Where the tests find the DLLs: those of the Windows world (`deno task test:windows`), or on real Windows its own. */

import { fromFileUrl } from "@std/path";

/** Set by the Windows world for every program in it. */
export const isWindowsWorld: boolean = Deno.env.get("WINTUN_WINDOWS_WORLD") === "1";

/** Wintun's emulator as a DLL. */
export const emulatorPath = "Z:\\world\\wintun.dll";

/** Whether the tests are about the emulator, and not about the signed DLL. Only the Windows world has the choice. */
export const onEmulator: boolean = isWindowsWorld && Deno.env.get("WINTUN_WORLD_DLL") !== "signed";

/** Wine's iphlpapi.dll with the functions that it lacks. */
export const iphlpapiPath = "Z:\\world\\iphlpapi_standin.dll";

/** What the stand-in was asked, one JSON object a line. */
export const iphlpapiRecord = "Z:\\world\\iphlpapi_calls.jsonl";

/** The signed DLL of this architecture, as `deno task vendor` brings it. */
export const signedPath: string = fromFileUrl(
  new URL(
    `../../vendor/wintun/wintun-${Deno.build.arch === "aarch64" ? "arm64" : "amd64"}.dll`,
    import.meta.url,
  ),
);

/** The wintun.dll that the tests are about. */
export const wintunPath: string = onEmulator ? emulatorPath : signedPath;
