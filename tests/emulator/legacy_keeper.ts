/** The program as a keeper on the emulator, on a machine with one device of an old Wintun: ROOT\NET\0001. */

import { type Environment, processEnvironment } from "../../src/cli/environment.ts";
import { main } from "../../src/main.ts";
import { openWindowsHost } from "../../src/tun/windows_host.ts";
import { buildEmulator } from "./build.ts";
import { openEmulatorControl } from "./control.ts";
import { emulatorLibraries } from "./libraries.ts";

const path = await buildEmulator();
const control = openEmulatorControl(path).symbols;
control.EmulatorSetElevated(1);
control.EmulatorSetLegacyDevices(1);
const environment: Environment = {
  ...processEnvironment(),
  openHost: (options) => openWindowsHost({ ...options, libraries: emulatorLibraries(path) }),
};
Deno.exit(await main(Deno.args, environment));
