/**
 * Runs the command line tool on the emulator (Linux, root): `deno task emulated serve lab --address 10.6.7.7/24`. The
 * packets pass through a TUN device, which has the name of the adapter and exists as long as this process.
 */

import { type Environment, processEnvironment } from "../../src/cli/process/environment.ts";
import { main } from "../../src/main.ts";
import { HostError } from "../../src/tun/host_error.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { buildEmulator } from "./build.ts";
import { LINK_TUN, openEmulatorControl } from "./control.ts";
import { emulatorLibraries } from "./libraries.ts";

const path = await buildEmulator();
const control = openEmulatorControl(path);
control.symbols.EmulatorSetLink(LINK_TUN);
const environment: Environment = {
  ...processEnvironment(),
  startKeeper: ({ request: { name } }) => {
    const hint = "Hold it in this process with --foreground, or use serve.";
    const reason = "an adapter of the emulator is seen by its own process only";
    return Promise.reject(new HostError("platform", `Cannot create adapter "${name}"`, reason, { hint }));
  },
  openHost: (options) => openWindowsHost({ ...options, libraries: emulatorLibraries(path) }),
};
Deno.exit(await main(Deno.args, environment));
