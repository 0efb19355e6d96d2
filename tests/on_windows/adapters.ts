/** The commands about adapters as processes of their own, from a test that runs under deno.exe. */

import { assertEquals } from "@std/assert";
import { System } from "../../src/windows/system.ts";
import { eventually } from "./eventually.ts";
import { type Ended, run } from "./program.ts";

/** Registers a test that begins without adapters of ours, and must leave nothing behind. */
export function adapterTest(name: string, body: () => Promise<void>, { ignore = false } = {}): void {
  Deno.test({ name, ignore, fn: () => withoutTraces(body) });
}

async function withoutTraces(body: () => Promise<void>): Promise<void> {
  const before = traces();
  try {
    await body();
  } finally {
    if (traces() !== before) await run(["delete", "--all"]);
  }
  // Windows removes the device of a killed program in its own time, which is longer on a busy machine.
  await eventually(() => traces() === before);
  assertEquals(traces(), before, "something is left behind");
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

/** What adapters may leave behind on a machine: their devices, records, services, DNS rules and logs. */
export function traces(): string {
  using system = new System();
  const keysIn = (path: string): string[] => {
    using key = system.registry.open(path);
    return key?.subkeys() ?? [];
  };
  const enumerated = "SYSTEM\\CurrentControlSet\\Enum\\SWD\\Wintun";
  // Wine makes the key of a device again, without values, if one process removes the device while another one lists devices.
  const devices = keysIn(enumerated).filter((name) => {
    using key = system.registry.open(`${enumerated}\\${name}`);
    return key?.texts("HardwareID") !== undefined;
  });
  const records = keysIn("SOFTWARE\\wintun adapters");
  const services = keysIn("SYSTEM\\CurrentControlSet\\Services").filter((name) => /^wintun\$/i.test(name));
  const rules = keysIn("SYSTEM\\CurrentControlSet\\Services\\Dnscache\\Parameters\\DnsPolicyConfig");
  const logs: string[] = [];
  try {
    for (const entry of Deno.readDirSync("C:\\ProgramData\\wintun")) logs.push(entry.name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return JSON.stringify({ devices, records, services, rules, logs });
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
