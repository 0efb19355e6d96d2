/** This Deno, started as a tool of the build. */

/** The build cannot go on. The message is for people. */
export class BuildError extends Error {
  override name = "BuildError";
}

export interface Ended {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs this Deno with `args` in the folder `cwd` to its end. `env` adds to this process's environment. */
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
