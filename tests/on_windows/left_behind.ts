/** What the tests of a group have left in their world. */

import { eventually } from "./eventually.ts";
import type { World } from "./world/world.ts";
import { linuxDevices, processes } from "./world_under_test.ts";

/** Programs that tests start. Wine's own run all the time. */
const STARTED = /\b(wintun|deno)[^\\/]*\.exe|\bcmd\.exe/;

/**
 * Returns the processes, network devices and traces of adapters (traces.ts) that are left in the world. The driver is loaded while there
 * is an adapter. Windows removes some of them in its own time, so this waits until there are none, for half a minute at most.
 */
export async function leftBehind(world: World): Promise<string[]> {
  let left: string[] = [];
  await eventually(async () => (left = await look(world)).length === 0);
  return left;
}

async function look(world: World): Promise<string[]> {
  const programs = await processes(world, STARTED);
  const devices = await linuxDevices(world);
  const { code, stdout } = await world.deno(["run", "-A", "--no-check", "tests/on_windows/traces.ts"], {
    stdin: "null",
    stderr: "inherit",
  }).output();
  const traces: string[] = code === 0
    ? JSON.parse(new TextDecoder().decode(stdout))
    : [`a Windows in which deno.exe ends with ${code}`];
  return [
    ...programs.map((line) => `process ${line}`),
    ...devices.map((name) => `network device ${name}`),
    ...traces,
  ];
}
