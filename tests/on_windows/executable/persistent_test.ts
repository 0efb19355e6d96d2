/** Adapters that come back when Windows starts, and those that do not. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../eventually.ts";
import { programFolder } from "../world/command_line.ts";
import { assertNothingLeft, linuxDevices, worldTest } from "../world_under_test.ts";
import { dataFolder, type Ended, file, installedTest, isPinged, run, world } from "./installed.ts";

const wintun = (...args: string[]): Promise<Ended> => run(programFolder, [...args, "--json"]);

// deno-lint-ignore no-explicit-any
async function must(...args: string[]): Promise<any> {
  const { code, stdout, stderr } = await wintun(...args);
  assertEquals(code, 0, `wintun ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

// deno-lint-ignore no-explicit-any
const list = async (): Promise<any[]> => (await must("list")).adapters;

/** Waits until the adapter is in that state, and returns it without what a restart may change. */
// deno-lint-ignore no-explicit-any
async function becomes(name: string, state: string): Promise<any> {
  // deno-lint-ignore no-explicit-any
  let found: any;
  assert(
    await eventually(async () => {
      found = (await list()).find((adapter) => adapter.name === name);
      return found?.state === state;
    }),
    `${name} is ${found?.state}, not ${state}`,
  );
  const { luid: _luid, ifIndex: _ifIndex, owner: { pid: _pid, ...owner }, ...rest } = found;
  return { ...rest, owner };
}

/** The services of this program, as the registry has them. */
async function services(): Promise<string[]> {
  const { stdout } = await world.wine("reg", ["query", "HKLM\\SYSTEM\\CurrentControlSet\\Services"]).output();
  return new TextDecoder().decode(stdout).match(/wintun\$\S+/gi) ?? [];
}

/** The domains of the rules for DNS names, as the registry has them. */
async function ruleNames(): Promise<string[]> {
  const key = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Dnscache\\Parameters\\DnsPolicyConfig";
  const { stdout } = await world.wine("reg", ["query", key, "/s", "/v", "Name"]).output();
  const names = new TextDecoder().decode(stdout).matchAll(/REG_MULTI_SZ\s+(\S+)/g);
  return Array.from(names, ([, name]) => name).sort();
}

async function assertNothingOfOursLeft(): Promise<void> {
  await assertNothingLeft(world);
  assertEquals(await services(), []);
  const logs = Array.from(Deno.readDirSync(file(dataFolder)), ({ name }) => name).filter((name) =>
    name.endsWith(".log")
  );
  assertEquals(logs, []);
  assertEquals(await ruleNames(), []);
}

const SETTINGS = ["--address", "10.77.0.1/24", "--address", "fd77::1/64", "--mtu", "1400", "--metric", "9"];
const MORE = ["--dns", "10.77.0.53", "--route", "10.78.0.0/16", "--dns-for", "lab.example=10.77.0.53"];

worldTest(
  "a persistent adapter is back with all its settings after each restart, until it is deleted",
  async () => {
    const { adapter } = await must("create", "lab", "--persistent", ...SETTINGS);
    assertEquals([adapter.persistent, adapter.service], [true, `wintun$${adapter.guid}`]);
    await must(
      "create",
      "temporary",
      "--address",
      "10.79.0.1/24",
      "--dns-for",
      "temporary.example=10.79.0.53",
    );
    // What set changes is there after a restart, too.
    await must("set", "lab", ...MORE);
    const before = await becomes("lab", "down");
    assertEquals(await ruleNames(), [".lab.example", ".temporary.example"]);

    await world.restart();
    assertEquals(await becomes("lab", "down"), before);
    assertEquals(await ruleNames(), [".lab.example"]);
    assertEquals((await list()).map(({ name }) => name), ["lab"]);
    assertEquals((await must("set", "lab", ...SETTINGS, ...MORE)).changed, false);
    assertEquals((await linuxDevices(world)).length, 1);
    const serving = world.launch(`${programFolder}\\wintun.exe`, ["serve", "lab"], {
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    assert(await eventually(() => isPinged("10.77.0.9")));
    await must("stop", "lab");
    await serving.status;

    await world.restart();
    assertEquals(await becomes("lab", "down"), before);
    await must("delete", "lab");
    assertEquals(await list(), []);
    await must("create", "temporary");
    await must("delete", "temporary");
    await assertNothingOfOursLeft();

    await world.restart();
    assertEquals(await list(), []);
    await assertNothingOfOursLeft();
  },
);

installedTest("create --persistent refuses a program that others could replace", async (folder) => {
  await Deno.chmod(file(folder), 0o777);
  const { code, stderr } = await run(folder, ["create", "lab", "--persistent", "--json"]);
  assertEquals(code, 1, stderr);
  assertMatch(stderr, /Program ?Files/);
  assertEquals([await list(), await services()], [[], []]);
});
