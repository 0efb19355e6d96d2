/**
 * The command line tool as `deno task windows` runs it under deno.exe: on the emulator's wintun.dll and the stand-in for the iphlpapi
 * functions that Wine lacks. `--dll` names another wintun.dll, as it does for the program itself.
 */

import { type Environment, processEnvironment } from "../../src/cli/process/environment.ts";
import { main } from "../../src/main.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
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
// Read by the Windows world, not by the processes that this one starts.
const note = Deno.env.get("WINTUN_EXIT_CODE_FILE");
Deno.env.delete("WINTUN_EXIT_CODE_FILE");
const code = await main(Deno.args, environment);
if (note !== undefined) Deno.writeTextFileSync(note, `${code}\n`);
Deno.exit(code);
