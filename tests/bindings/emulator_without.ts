/** The emulator as an older Windows: some functions are missing from its DLLs. */
import { buildEmulator } from "../emulator/build.ts";
import { type EmulatorControl, openEmulatorControl } from "../emulator/control.ts";
import { emulatorLibraries } from "../emulator/libraries.ts";
import type { Libraries } from "../../src/tun/windows/host.ts";

/** A copy of the emulator, with a machine of its own. */
export interface OldEmulator extends Disposable {
  readonly libraries: Libraries;
  readonly control: EmulatorControl;
}

/**
 * Copies the emulator without the functions `names`. In the copy they have other names, so that whoever looks for them
 * finds nothing. The owner disposes of it after its last use.
 */
export async function emulatorWithout(...names: readonly string[]): Promise<OldEmulator> {
  const bytes = await Deno.readFile(await buildEmulator());
  for (const name of names) hide(bytes, new TextEncoder().encode(`\0${name}\0`));
  const path = await Deno.makeTempFile({ prefix: "wintun-test-", suffix: ".so" });
  await Deno.writeFile(path, bytes);
  const emulator = openEmulatorControl(path);
  return {
    libraries: emulatorLibraries(path),
    control: emulator.symbols,
    [Symbol.dispose]: () => {
      emulator.close();
      Deno.removeSync(path);
    },
  };
}

/** Changes the first letter of a name wherever it stands alone, as it does in the table of names. */
function hide(bytes: Uint8Array, name: Uint8Array): void {
  let count = 0;
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) {
    if (!name.every((byte, index) => bytes[at + index] === byte)) continue;
    bytes[at + 1] = "_".charCodeAt(0);
    count++;
  }
  if (count === 0) throw new Error(`the emulator has no ${new TextDecoder().decode(name)}`);
}
