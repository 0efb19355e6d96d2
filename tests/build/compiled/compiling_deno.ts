/** The Deno whose base binaries the tests have. Only that one can compile for them. */
import { fromFileUrl } from "@std/path";
import { COMPILING_DENO_VERSION } from "../../deno_versions.ts";

const PROJECT = fromFileUrl(new URL("../../../", import.meta.url));

/**
 * Runs Deno COMPILING_DENO_VERSION in the project to its end, with DENORT_BIN=`base` and what `env` adds. Returns its exit
 * code and output.
 */
export async function compilingDeno(
  args: readonly string[],
  base: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command("npx", {
    args: ["-y", `deno@${COMPILING_DENO_VERSION}`, ...args],
    cwd: PROJECT,
    // The newer Denos trust the certificates of the machine by themselves.
    env: { DENORT_BIN: base, NO_COLOR: "1", DENO_TLS_CA_STORE: "mozilla,system", ...env },
    stdin: "null",
  }).output();
  return { code, output: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
