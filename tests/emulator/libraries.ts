import type { Libraries } from "../../src/tun/windows/host.ts";

/** The emulator in the place of every DLL. */
export function emulatorLibraries(path: string): Libraries {
  return { wintun: path, kernel32: path, advapi32: path, iphlpapi: path, setupapi: path };
}
