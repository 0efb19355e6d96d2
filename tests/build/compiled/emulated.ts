/** The program on the emulator, to be compiled with the emulator's library embedded beside this module. */
import { fromFileUrl } from "@std/path";
import { type Environment, processEnvironment } from "../../../src/cli/process/environment.ts";
import { main } from "../../../src/main.ts";
import { openWindowsHost } from "../../../src/tun/windows/host.ts";
import { LINK_TUN, openEmulatorControl } from "../../emulator/control.ts";
import { emulatorLibraries } from "../../emulator/libraries.ts";

const path = fromFileUrl(new URL("./wintun-emulator.so", import.meta.url));
openEmulatorControl(path).symbols.EmulatorSetLink(LINK_TUN);
const environment: Environment = {
  ...processEnvironment(),
  openHost: (options) => openWindowsHost({ ...options, libraries: emulatorLibraries(path) }),
};
Deno.exit(await main(Deno.args, environment));
