/**
 * The command line tool as `deno task windows` runs it under deno.exe: on the emulator's wintun.dll and the stand-in for the iphlpapi
 * functions that Wine lacks. `--dll` names another wintun.dll, as it does for the program itself.
 */

import { type Environment, processEnvironment } from "../../src/cli/environment.ts";
import { main } from "../../src/main.ts";
import { openWindowsHost } from "../../src/tun/windows_host.ts";
import { emulatorPath, iphlpapiPath } from "./libraries.ts";

const environment: Environment = {
  ...processEnvironment(),
  openHost: (options) =>
    openWindowsHost({
      ...options,
      libraries: {
        ...(options.dll === undefined ? { wintun: emulatorPath } : {}),
        iphlpapi: iphlpapiPath,
      },
    }),
};
Deno.exit(await main(Deno.args, environment));
