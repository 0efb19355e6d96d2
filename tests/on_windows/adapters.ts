/** The commands about adapters as processes of their own, from a test that runs under deno.exe. */

import { assertEquals } from "@std/assert";
import { eventually } from "./eventually.ts";
import { type Ended, run } from "./program.ts";
import { traces } from "./traces.ts";

/** Registers a test that begins without adapters of ours, and must leave nothing behind. */
export function adapterTest(name: string, body: () => Promise<void>, { ignore = false } = {}): void {
  Deno.test({ name, ignore, fn: () => withoutTraces(body) });
}

async function withoutTraces(body: () => Promise<void>): Promise<void> {
  const before = new Set(traces());
  // What an earlier test has left may go meanwhile.
  const left = (): string[] => traces().filter((trace) => !before.has(trace));
  try {
    await body();
  } finally {
    if (left().length > 0) await run(["delete", "--all"]);
  }
  // Windows removes the device of a killed program in its own time, which is longer on a busy machine.
  await eventually(() => left().length === 0);
  assertEquals(left(), [], "something is left behind");
}

/** What a command wrote with `--json`, or its error. */
export interface Answer {
  readonly code: number;
  // deno-lint-ignore no-explicit-any
  readonly result: any;
  // deno-lint-ignore no-explicit-any
  readonly error: any;
}

/** Runs a command with `--json`. */
export async function ask(...args: string[]): Promise<Answer> {
  const ended = await run([...args, "--json"]);
  return { code: ended.code, result: lastObject(ended.stdout), error: errorOf(ended) };
}

/** Runs a command that must succeed, and gives its result. */
// deno-lint-ignore no-explicit-any
export async function must(...args: string[]): Promise<any> {
  const { code, result, error } = await ask(...args);
  assertEquals(code, 0, `wintun ${args.join(" ")}: ${JSON.stringify(error)}`);
  return result;
}

// deno-lint-ignore no-explicit-any
export async function list(): Promise<any[]> {
  return (await must("list")).adapters;
}

// deno-lint-ignore no-explicit-any
function lastObject(text: string): any {
  const line = text.trim().split("\n").at(-1);
  return line === undefined || line === "" ? undefined : JSON.parse(line);
}

// deno-lint-ignore no-explicit-any
function errorOf({ stderr }: Ended): any {
  const line = stderr.split("\n").find((candidate) => candidate.includes('"error"'));
  return line === undefined ? stderr : JSON.parse(line).error;
}

/** Waits until a process has ended. */
export async function ended(pid: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const { stdout } = await new Deno.Command("tasklist", { args: ["/fo", "csv", "/nh"] }).output();
    if (!new TextDecoder().decode(stdout).includes(`"${pid}"`)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`process ${pid} still runs`);
}
