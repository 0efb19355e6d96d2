/** Runs the program as a keeper on the emulator, on a machine with one device of Wintun 0.13 or older: ROOT\NET\0001. */

import { type Environment, processEnvironment } from "../../src/cli/process/environment.ts";
import { main } from "../../src/main.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { buildEmulator } from "../emulator/build.ts";
import { openEmulatorControl } from "../emulator/control.ts";
import { emulatorLibraries } from "../emulator/libraries.ts";

const path = await buildEmulator();
const control = openEmulatorControl(path).symbols;
control.EmulatorSetElevated(1);
control.EmulatorSetLegacyDevices(1);
const environment: Environment = {
  ...processEnvironment(),
  openHost: (options) => openWindowsHost({ ...options, libraries: emulatorLibraries(path) }),
};
Deno.exit(await main(Deno.args, environment));
