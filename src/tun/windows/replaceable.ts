import { describeWeakness, weaknessesOf } from "../../windows/program_protection.ts";
import type { SystemLibraries } from "../../windows/system_libraries.ts";
import { HostError } from "../host_error.ts";

/** Where a program has to be that Windows runs as the system, as advice for the user. */
export const PROTECT_HINT =
  'Copy it to where only administrators can write, and use it from there: copy wintun.exe "%ProgramFiles%\\wintun\\". A file ' +
  "that is moved there keeps its old access rights.";

/**
 * Refuses a persistent adapter whose program or DLL accounts besides administrators could replace: Windows would run what they
 * put there, as the system. From its sources the program is not checked, for Deno may lie anywhere.
 * @param dll The wintun.dll that the user has named.
 * @throws {HostError} `failed`.
 * @throws {Win32Error} as `weaknessesOf` does.
 */
export function refuseReplaceable(
  libraries: SystemLibraries,
  dll: string | undefined,
  operation: string,
): void {
  const files = [...(Deno.build.standalone ? [Deno.execPath()] : []), ...(dll === undefined ? [] : [dll])];
  for (const file of files) {
    const weaknesses = new Set(weaknessesOf(libraries, file).map(describeWeakness));
    if (weaknesses.size === 0) continue;
    const reason = `Windows would run ${file} as the system, and others could replace it: ${
      Array.from(weaknesses).join("; ")
    }`;
    throw new HostError("failed", operation, reason, { hint: PROTECT_HINT });
  }
}
