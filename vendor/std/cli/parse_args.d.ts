/** What this project uses of @std/cli/parse-args, with its own names and meaning. */
export interface ParseOptions {
  boolean?: readonly string[];
  string?: readonly string[];
  collect?: readonly string[];
  alias?: Record<string, string | readonly string[]>;
  stopEarly?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export interface Args {
  [name: string]: unknown;
  _: Array<string | number>;
}

export declare function parseArgs(args: readonly string[], options?: ParseOptions): Args;
