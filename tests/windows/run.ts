// deno-lint-ignore-file no-console
/**
 * `deno task test:windows`: everything that is Windows about this program. On Windows it runs there, against the real driver; on Linux,
 * as root, in the Windows world (Wine 10), which it sets up and takes down. Arguments are passed on to `deno test`.
 */

import { fromFileUrl } from "@std/path";
import { isWindowsWorld } from "./libraries.ts";
import { type Group, groupsFor, type Outcome, readJunit } from "./groups.ts";
import { System, systemPaths } from "../../src/windows/system.ts";
import { World } from "./world/world.ts";

const checkout = fromFileUrl(new URL("../../", import.meta.url)).replace(/[\\/]$/, "");

async function runOnWindows(): Promise<Outcome[]> {
  using system = new System(systemPaths());
  if (!system.isElevated()) {
    console.error("These tests make network adapters: run them from an administrator's prompt.");
    Deno.exit(1);
  }
  const outcomes: Outcome[] = [];
  for (const group of groupsFor("windows")) {
    console.log(`\n== ${group.title}`);
    const report = await Deno.makeTempFile({ suffix: ".xml" });
    const command = new Deno.Command(Deno.execPath(), {
      args: testArguments(group, report),
      cwd: checkout,
      env: group.env ?? {},
    });
    const { code } = await command.spawn().status;
    outcomes.push(readJunit(group, await Deno.readTextFile(report), code));
    await Deno.remove(report);
  }
  return outcomes;
}

async function runInWorld(): Promise<Outcome[]> {
  await using world = await World.start({ say: (line) => console.log(line) });
  const outcomes: Outcome[] = [];
  for (const group of groupsFor("world")) {
    console.log(`\n== ${group.title}`);
    const outcome = group.onLinux ? await runBeside(world, group) : await runInside(world, group);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** Under deno.exe. */
async function runInside(world: World, group: Group): Promise<Outcome> {
  const report = "/world/report.xml";
  const args = testArguments(group, `Z:${report}`);
  const { code } = await world.deno(args, { env: group.env ?? {}, stdin: "null" }).spawn().status;
  return readJunit(group, await Deno.readTextFile(world.file(report)), code);
}

/** Under this Deno, with the world to start Windows programs in. */
async function runBeside(world: World, group: Group): Promise<Outcome> {
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const command = new Deno.Command(Deno.execPath(), {
    args: testArguments(group, report),
    cwd: checkout,
    env: { WINTUN_WINDOWS_WORLD_PID: `${world.pid}` },
    stdin: "null",
  });
  const { code } = await command.spawn().status;
  const outcome = readJunit(group, await Deno.readTextFile(report), code);
  await Deno.remove(report);
  return outcome;
}

async function bringSignedDll(): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "vendor/fetch.ts"],
    cwd: checkout,
    stdin: "null",
  });
  const { code } = await command.spawn().status;
  if (code !== 0) Deno.exit(code);
}

function testArguments(group: Group, report: string): string[] {
  const filter = group.filter === undefined ? [] : ["--filter", group.filter];
  return ["test", "-A", "--no-check", `--junit-path=${report}`, ...filter, ...Deno.args, ...group.paths];
}

if (isWindowsWorld) throw new Error("Run this on the machine, not in its Windows world.");
await bringSignedDll();
const outcomes = Deno.build.os === "windows" ? await runOnWindows() : await runInWorld();

console.log("");
for (const { title, passed, failed, ignored } of outcomes) {
  console.log(`${title}: ${passed} passed, ${failed} failed, ${ignored} ignored`);
}
const count = (on: Group["on"]): number =>
  outcomes.filter((outcome) => outcome.on === on).reduce((sum, { passed }) => sum + passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
const isComplete = outcomes.every(({ code, passed }) => code === 0 && passed > 0);
console.log(
  JSON.stringify({
    schema: 1,
    signedDll: count("signed DLL"),
    realDriver: count("real driver"),
    standIns: count("stand-ins"),
    windows: count("windows"),
    failed,
    passed: isComplete,
  }),
);
Deno.exit(isComplete && failed === 0 ? 0 : 1);
