import { assert } from "@std/assert";
import { eventually } from "./eventually.ts";
import { World } from "./world/world.ts";

const pid = Deno.env.get("WINTUN_WINDOWS_WORLD_PID");

/** The Windows world that `deno task test:windows` has started for its tests. */
export async function enterWorld(): Promise<World> {
  const world = pid === undefined ? undefined : await World.attach(Number(pid));
  if (world === undefined) throw new Error("These tests run in a Windows world: deno task test:windows");
  return world;
}

/**
 * Registers a test from Linux. If it fails, Windows is restarted, which ends every program and takes the adapters, and those that come
 * back are deleted: the next test finds none.
 */
export function worldTest(name: string, body: () => Promise<void>, { ignore = false } = {}): void {
  const fn = async (): Promise<void> => {
    try {
      await body();
    } catch (error) {
      // On real Windows there is no world.
      if (pid !== undefined) await withoutAdapters(await enterWorld());
      throw error;
    }
  };
  Deno.test({ name, ignore, fn });
}

async function withoutAdapters(world: World): Promise<void> {
  await world.restart();
  const streams = { stdin: "null", stdout: "null", stderr: "inherit" } as const;
  await world.wintun(["delete", "--all"], streams).spawn().status;
}

/** Network devices of the world, without loopback. */
export async function linuxDevices(world: World): Promise<string[]> {
  const { stdout } = await world.linux("ip", ["-json", "link", "show"]).output();
  const links: { ifname: string }[] = JSON.parse(new TextDecoder().decode(stdout));
  return links.map(({ ifname }) => ifname).filter((name) => name !== "lo");
}

/** Waits until the world has no adapter, no device of one, and no process of the program, and fails if it still has one. */
export async function assertNothingLeft(world: World): Promise<void> {
  const goes = async (look: () => Promise<string[]>, what: string): Promise<void> =>
    assert(await eventually(async () => (await look()).length === 0), `${what} is left`);
  await goes(() => linuxDevices(world), "a TUN device");
  await goes(() => registeredDevices(world), "a registered device");
  await goes(() => processes(world, /(wintun|deno)\.exe/), "a process");
}

/** Command lines of the world's processes that name `program`. */
export async function processes(world: World, program: RegExp): Promise<string[]> {
  const { stdout } = await world.linux("ps", ["-e", "-o", "args="]).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.filter((line) => program.test(line) && !line.startsWith("ps "));
}

/** The keys of Wintun's devices in Windows' registry. Keys without a hardware ID are not devices: Wine may leave them (see `traces.ts`). */
export async function registeredDevices(world: World): Promise<string[]> {
  const key = "HKLM\\System\\CurrentControlSet\\Enum\\SWD\\Wintun";
  const { stdout } = await world.wine("reg", ["query", key, "/s", "/v", "HardwareID"]).output();
  return new TextDecoder().decode(stdout).split(/\r?\n/).filter((line) => line.includes("{"));
}
