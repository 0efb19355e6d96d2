/** The program that the tests in a Windows world are about, as a command line of that world. */

import { emulatorPath, onSignedDll, worldSignedPath } from "../libraries.ts";

/** Whether the tests are about the finished executable, and not about the sources under deno.exe. */
export const onExecutable: boolean = Deno.env.get("WINTUN_WORLD_PROGRAM") === "executable";

/** Where the archive of the executable is unpacked. */
export const programFolder = "C:\\Program Files\\wintun";

const fromSource = ["Z:\\opt\\deno\\deno.exe", "run", "-A", "--no-check", "Z:\\checkout\\src\\main.ts"];

/** Returns the program with `args`. It loads the wintun.dll that the tests are about, or `dll`, which it must trust. */
export function commandLine(args: readonly string[], dll?: string): string[] {
  const program = onExecutable ? [`${programFolder}\\wintun.exe`] : fromSource;
  return [...program, ...args, ...dllOptions(dll)];
}

function dllOptions(dll: string | undefined): string[] {
  if (dll !== undefined) return ["--dll", dll];
  if (!onSignedDll) return ["--dll", emulatorPath, "--trust-dll"];
  // It lies beside the executable.
  return onExecutable ? [] : ["--dll", worldSignedPath];
}
