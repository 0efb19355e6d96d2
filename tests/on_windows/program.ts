/** The command line tool as a process of its own, from a test that runs under deno.exe. */

import { fromFileUrl } from "@std/path";
import { Serving } from "../serving.ts";
import { isWindowsWorld, signedPath } from "./libraries.ts";

const inWorld = fromFileUrl(new URL("./in_world.ts", import.meta.url));
const main = fromFileUrl(new URL("../../src/main.ts", import.meta.url));

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The program with `args`: in the Windows world on the wintun.dll that the tests are about, on Windows with the signed DLL and its driver. A `dll` is passed
 * with `--dll`.
 */
export function program(
  args: readonly string[],
  options: Deno.CommandOptions & { dll?: string } = {},
): Deno.Command {
  const { dll, ...rest } = options;
  return new Deno.Command(Deno.execPath(), {
    args: denoArguments(args, dll),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...rest,
  });
}

/** The same as arguments for deno.exe. */
export function denoArguments(
  args: readonly string[],
  dll: string | undefined = isWindowsWorld ? undefined : signedPath,
): string[] {
  const withDll = dll === undefined ? [] : ["--dll", dll];
  return ["run", "-A", "--no-check", isWindowsWorld ? inWorld : main, ...args, ...withDll];
}

/** Runs the program to its end. */
export async function run(args: readonly string[], options: { dll?: string } = {}): Promise<Ended> {
  const { code, stdout, stderr } = await program(args, options).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
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
