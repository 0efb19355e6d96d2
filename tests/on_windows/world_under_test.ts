import { World } from "./world/world.ts";

const pid = Deno.env.get("WINTUN_WINDOWS_WORLD_PID");

/** The Windows world that `deno task test:windows` has started for its tests. */
export async function enterWorld(): Promise<World> {
  const world = pid === undefined ? undefined : await World.attach(Number(pid));
  if (world === undefined) throw new Error("These tests run in a Windows world: deno task test:windows");
  return world;
}

/** Network devices of the world, without loopback. */
export async function linuxDevices(world: World): Promise<string[]> {
  const { stdout } = await world.linux("ip", ["-json", "link", "show"]).output();
  const links: { ifname: string }[] = JSON.parse(new TextDecoder().decode(stdout));
  return links.map(({ ifname }) => ifname).filter((name) => name !== "lo");
}

/** Command lines of the world's processes that name `program`. */
export async function processes(world: World, program: RegExp): Promise<string[]> {
  const { stdout } = await world.linux("ps", ["-e", "-o", "args="]).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.filter((line) => program.test(line) && !line.startsWith("ps "));
}

/** The keys of Wintun's devices in Windows' registry. Keys without a hardware ID are not devices: Wine may leave them (see `traces`). */
export async function registeredDevices(world: World): Promise<string[]> {
  const key = "HKLM\\System\\CurrentControlSet\\Enum\\SWD\\Wintun";
  const { stdout } = await world.wine("reg", ["query", key, "/s", "/v", "HardwareID"]).output();
  return new TextDecoder().decode(stdout).split(/\r?\n/).filter((line) => line.includes("{"));
}
