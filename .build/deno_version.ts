/**
 * Reads which Deno an executable contains. What `deno compile` embeds is read only by a base binary of the same version:
 * with another one, the executable ends at once with an error.
 */

const MARK = new TextEncoder().encode("Deno/");
/** The user agent of Deno's own requests, with the commit. Deno and its base binaries contain it once. */
const USER_AGENT = /^Deno\/(\d+\.\d+\.\d+)\+[0-9a-f]{7}/;
const USER_AGENT_BYTES = 40;

/** Returns the version of the Deno in an executable or a base binary; `undefined` if it does not contain one. */
export function denoVersionOf(executable: Uint8Array): string | undefined {
  for (let at = executable.indexOf(MARK[0]); at >= 0; at = executable.indexOf(MARK[0], at + 1)) {
    if (MARK.some((byte, index) => executable[at + index] !== byte)) continue;
    const text = new TextDecoder("latin1").decode(executable.subarray(at, at + USER_AGENT_BYTES));
    const version = USER_AGENT.exec(text)?.[1];
    if (version !== undefined) return version;
  }
  return undefined;
}
