/** The command line tool as a process of its own, from a test that runs under deno.exe. */

import { fromFileUrl } from "@std/path";
import { Serving } from "../serving.ts";
import { validateLines } from "../validation.ts";
import { isWindowsWorld, signedPath } from "./libraries.ts";
import { commandLine } from "./world/command_line.ts";

const main = fromFileUrl(new URL("../../src/main.ts", import.meta.url));

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The program with `args`: in the Windows world the executable or the sources, on the wintun.dll that the tests are
 * about; on Windows the sources, with the signed DLL and its driver. A `dll` is passed with `--dll`.
 */
export function program(
  args: readonly string[],
  options: Deno.CommandOptions & { dll?: string } = {},
): Deno.Command {
  const { dll, ...rest } = options;
  const [executable, ...all] = programLine(args, dll);
  return new Deno.Command(executable, {
    args: all,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...rest,
  });
}

/** The same as a command line. */
export function programLine(args: readonly string[], dll?: string): string[] {
  if (isWindowsWorld) return commandLine(args, dll);
  return [Deno.execPath(), "run", "-A", "--no-check", main, ...args, "--dll", dll ?? signedPath];
}

/** Runs the program to its end, and validates the JSON that it writes. */
export async function run(args: readonly string[], options: { dll?: string } = {}): Promise<Ended> {
  const { code, stdout, stderr } = await program(args, options).output();
  const text = new TextDecoder();
  const ended = { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  for (const stream of [ended.stdout, ended.stderr]) validateLines(args, stream);
  return ended;
}

/** Starts `serve ARGS --json` and returns when it reads packets. */
export function serve(...args: string[]): Promise<Serving> {
  return Serving.start(program(["serve", ...args, "--json"]));
}

/** Pings with Windows' own ping.exe; true when all of `count` requests were answered. */
export async function ping(address: string, count: number): Promise<boolean> {
  const { code, stdout } = await new Deno.Command("ping", { args: ["-n", `${count}`, "-w", "5000", address] })
    .output();
  const replies = new TextDecoder().decode(stdout).match(/TTL=/gi)?.length ?? 0;
  return code === 0 && replies === count;
}
