/** Runs this Deno as a tool of the build. */

/** Reports that the build cannot continue. The message is for the user. */
export class BuildError extends Error {
  override name = "BuildError";
}

/** The result of a process that has ended. */
export interface Ended {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs this Deno with `args` in the folder `cwd` and waits for its end. `env` is added to the environment of this
 * process.
 */
export async function deno(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  return { success, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}
