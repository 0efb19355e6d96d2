import type { Libraries } from "../../src/tun/windows/host.ts";

/** Returns the paths of all DLLs, each replaced by the emulator at `path`. */
export function emulatorLibraries(path: string): Libraries {
  return {
    wintun: path,
    kernel32: path,
    advapi32: path,
    iphlpapi: path,
    nci: path,
    ole32: path,
    setupapi: path,
  };
}
