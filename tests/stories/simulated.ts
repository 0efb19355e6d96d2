import { fromFileUrl } from "@std/path";
import { ARGUMENTS, type MachineCommands, shellLine, shellWord } from "./machine.ts";

const MAIN = fromFileUrl(new URL("../../src/main.ts", import.meta.url));

/** A new simulated machine in that file. */
export function simulatedMachine(file: string): MachineCommands {
  const wintun = (...args: string[]): string =>
    `WINTUN_SIMULATE=${shellWord(file)} ` +
    shellLine([Deno.execPath(), "run", "-A", "--no-check", MAIN, ...args]);
  return {
    // Windows gives a process that taskkill ends the exit code 1, and bash gives it 137.
    "wintun": `${wintun(ARGUMENTS)}; code=$?; return $((code == 137 ? 1 : code))`,
    "end-process": 'kill -KILL "$1"',
    "other-program": `${wintun("simulate", "other-up", ARGUMENTS)} >/dev/null`,
    "restart-windows": `${wintun("simulate", "restart")} >/dev/null`,
  };
}
