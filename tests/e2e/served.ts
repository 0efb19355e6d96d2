/** `wintun serve` on the emulator, in a network namespace. */

import { fromFileUrl } from "@std/path";
import { Serving } from "../serving.ts";
import type { NetworkNamespace } from "./network_namespace.ts";

const CLI = fromFileUrl(new URL("../emulator/cli.ts", import.meta.url));
const FAULTY_CLI = fromFileUrl(new URL("./faulty_cli.ts", import.meta.url));

/** Arguments with which deno runs `wintun serve ARGS` on the emulator. */
// Without the check of types: its messages would be on stderr too.
export function serveArguments(...args: string[]): string[] {
  return commandArguments("serve", ...args);
}

/** Arguments with which deno runs `wintun ARGS` on the emulator. */
export function commandArguments(...args: string[]): string[] {
  return ["run", "-A", "--no-check", CLI, ...args];
}

/** The same with a fault of `faulty_cli.ts`. */
export function faultyServeArguments(fault: string, ...args: string[]): string[] {
  return ["run", "-A", "--no-check", FAULTY_CLI, fault, "serve", ...args];
}

/** Starts `serve ARGS --json` in `namespace` and returns when it reads packets. */
export function serve(namespace: NetworkNamespace, ...args: string[]): Promise<Serving> {
  return start(namespace, serveArguments(...args, "--json"));
}

/** The same with other variables in its environment. */
export function serveWith(
  namespace: NetworkNamespace,
  env: Record<string, string>,
  ...args: string[]
): Promise<Serving> {
  return start(namespace, serveArguments(...args, "--json"), env);
}

/** The same with a fault of `faulty_cli.ts`. */
export function serveFaulty(namespace: NetworkNamespace, fault: string, ...args: string[]): Promise<Serving> {
  return start(namespace, faultyServeArguments(fault, ...args, "--json"));
}

function start(
  namespace: NetworkNamespace,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Serving> {
  const options = { stdin: "null", stdout: "piped", stderr: "piped", env } as const;
  return Serving.start(namespace.command(Deno.execPath(), args, options));
}
