import project from "../../deno.json" with { type: "json" };

/** The version of this program, such as `0.1.0`. */
export const PROGRAM_VERSION: string = project.version;
