import project from "../../deno.json" with { type: "json" };

/** The version of this program, such as `0.1.0`. */
export const PROGRAM_VERSION: string = project.version;

/**
 * Returns what tells builds of one version apart: the size of the program's file and the time of its last change, which a copy
 * keeps. `undefined` if the file cannot be read.
 */
export function buildOf(program: string): string | undefined {
  try {
    const { size, mtime } = Deno.statSync(program);
    return `${size} bytes, ${mtime?.toISOString()}`;
  } catch {
    // It does not exist, or this user may not look at it.
    return undefined;
  }
}
