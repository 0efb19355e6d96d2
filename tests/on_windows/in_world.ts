/**
 * The command line tool as `deno task windows` runs it under deno.exe: with the stand-in for the iphlpapi functions that
 * Wine lacks. The wintun.dll is the signed one, which the program verifies, or the emulator's. `--dll` names another, as it
 * does for the program itself.
 */

import { type Environment, processEnvironment } from "../../src/cli/process/environment.ts";
import { main } from "../../src/main.ts";
import { openWindowsHost } from "../../src/tun/windows/host.ts";
import { emulatorPath, iphlpapiPath, onEmulator, signedPath } from "./libraries.ts";

const environment: Environment = {
  ...processEnvironment(),
  openHost: (options) =>
    openWindowsHost({
      ...options,
      ...(options.dll === undefined && !onEmulator ? { dll: { path: signedPath, isTrusted: false } } : {}),
      libraries: {
        ...(options.dll === undefined && onEmulator ? { wintun: emulatorPath } : {}),
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
