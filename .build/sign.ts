/** Signs the executable with Authenticode, by a program of the caller. */
import { join } from "@std/path";
import { BuildError } from "./deno.ts";

/**
 * Returns `executable` as the program `signer` has signed it. `signer` gets the path of the executable, its only
 * argument, and writes the signature into that file. How it gets at the certificate is its own matter.
 *
 * @throws {BuildError} if `signer` cannot be started, fails, or leaves the executable as it was
 */
export async function sign(
  executable: Uint8Array<ArrayBuffer>,
  signer: string,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir({ prefix: "wintun-build-" });
  try {
    const path = join(folder, name);
    await Deno.writeFile(path, executable);
    const { success, code } = await new Deno.Command(signer, { args: [path], stdin: "null" }).spawn().status;
    if (!success) throw new BuildError(`Cannot sign ${name}: ${signer} ended with code ${code}.`);
    const signed = await Deno.readFile(path);
    if (signed.length <= executable.length) {
      throw new BuildError(`Cannot sign ${name}: ${signer} has put no signature into it.`);
    }
    return signed;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
    throw new BuildError(`Cannot sign ${name}: ${signer} cannot be started: ${error.message}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
