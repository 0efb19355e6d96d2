// deno-lint-ignore-file no-console
/**
 * `deno task test:windows`: everything that is Windows about this program. On Windows it runs there, against the real driver; on Linux,
 * as root, in the Windows world (Wine 10), which it sets up and takes down. There the program is the finished executable,
 * which it builds, or with `--from-source` the sources under deno.exe. `--long` runs instead what takes too long for every run.
 * `--group=TEXT` runs only the groups that have the text in their title.
 * Other arguments are passed on to `deno test`.
 */

import { fromFileUrl } from "@std/path";
import { sha256Hex } from "../../vendor/fetch.ts";
import { isWindowsWorld, signedPath } from "./libraries.ts";
import { type Group, groupsForWindows, groupsForWorld, longGroups, type Program } from "./groups.ts";
import { leftBehind } from "./left_behind.ts";
import { isPassed, ofGroup, type Outcome, outcomeOf, summary } from "./outcome.ts";
import { System } from "../../src/windows/system.ts";
import { TestFolder } from "../test_folder.ts";
import { COUNT_VARIABLE, reportCount, takeCount } from "../validation.ts";
import { buildArchive, install } from "./world/executable.ts";
import { bringSignedDll } from "./world/signed_dll.ts";
import { World } from "./world/world.ts";

const FROM_SOURCE = "--from-source";
const LONG = "--long";
const GROUP = "--group=";
/** In a world: how many outputs the tests of a group have validated. */
const VALIDATED = "/world/validated";
const isLong = Deno.args.includes(LONG);
const program: Program = Deno.args.includes(FROM_SOURCE) ? "sources" : "executable";
const groupText = Deno.args.find((argument) => argument.startsWith(GROUP))?.slice(GROUP.length) ?? "";
const passedOn = Deno.args.filter((argument) =>
  ![FROM_SOURCE, LONG].includes(argument) && !argument.startsWith(GROUP)
);
const isChosen = ({ title }: Group): boolean => title.includes(groupText);
const isFiltered = passedOn.length > 0;
const checkout = fromFileUrl(new URL("../../", import.meta.url)).replace(/[\\/]$/, "");

async function runOnWindows(): Promise<Outcome[]> {
  using system = new System();
  if (!system.isElevated()) {
    console.error("These tests make network adapters: run them from an administrator's prompt.");
    Deno.exit(1);
  }
  const outcomes: Outcome[] = [];
  for (const group of groupsForWindows().filter(isChosen)) {
    console.log(`\n== ${group.title}`);
    const report = await Deno.makeTempFile({ suffix: ".xml" });
    const validated = `${report}.validated`;
    const command = new Deno.Command(Deno.execPath(), {
      args: testArguments(group, report),
      cwd: checkout,
      env: { ...group.env, [COUNT_VARIABLE]: validated },
    });
    const { code } = await command.spawn().status;
    const xml = await Deno.readTextFile(report);
    await Deno.remove(report);
    outcomes.push(outcomeOf(group, { xml, code, validated: await takeCount(validated), isFiltered }));
  }
  return outcomes;
}

/** The groups in two worlds at once, since most of them wait for processes to start: the one that is done takes the next. */
async function runInWorlds(): Promise<Outcome[]> {
  const say = (line: string): void => console.log(line);
  await using folder = new TestFolder();
  const started = World.start({ say });
  const archive = program === "executable" ? await buildArchive(folder.path, say) : undefined;
  const waiting = (isLong ? longGroups(program) : groupsForWorld(program)).filter(isChosen);
  const outcomes: Outcome[] = [];
  const work = async (first: Promise<World>): Promise<void> => {
    let world = await withProgram(first, archive);
    try {
      for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
        const outcome = await runInWorld(world, group);
        outcomes.push(outcome);
        if (outcome.failures.length === 0) continue;
        // The next group must not find what this one has left.
        await world.close();
        world = await withProgram(World.start(), archive);
      }
    } finally {
      await world.close();
    }
  };
  await Promise.all([work(started), work(started.then(() => World.start()))]);
  return outcomes;
}

/** Installs the executable of an archive in a new world. */
async function withProgram(started: Promise<World>, archive: string | undefined): Promise<World> {
  const world = await started;
  if (archive !== undefined) await install(world, archive);
  return world;
}

async function runInWorld(world: World, group: Group): Promise<Outcome> {
  const report = "/world/report.xml";
  const command = group.onLinux
    ? beside(world, group, world.file(report), world.file(VALIDATED))
    : inside(world, group, `Z:${report}`, `Z:${VALIDATED}`);
  const { code, stdout } = await command.output();
  console.log(`\n== ${group.title}`);
  console.log(new TextDecoder().decode(stdout));
  // There is none if a test file could not be loaded; the exit code tells.
  const xml = await Deno.readTextFile(world.file(report)).catch(() => "");
  await Deno.remove(world.file(report)).catch(() => {});
  const outcome = outcomeOf(group, {
    xml,
    code,
    validated: await takeCount(world.file(VALIDATED)),
    isFiltered,
  });
  const left = await leftBehind(world);
  if (left.length === 0) return outcome;
  return { ...outcome, failures: [...outcome.failures, ofGroup(`It has left behind:\n${left.join("\n")}`)] };
}

/** Under deno.exe. */
function inside(world: World, group: Group, report: string, validated: string): Deno.Command {
  const env = { ...group.env, [COUNT_VARIABLE]: validated };
  // To stdout alone: under Wine, whatever processes a test leaves behind would keep stderr open.
  return world.deno(testArguments(group, report), { env, stdin: "null", stderr: "inherit" });
}

/** Under this Deno, with the world to start Windows programs in. */
function beside(world: World, group: Group, report: string, validated: string): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: testArguments(group, report),
    cwd: checkout,
    env: { WINTUN_WINDOWS_WORLD_PID: `${world.pid}`, [COUNT_VARIABLE]: validated, ...group.env },
    stdin: "null",
    stderr: "inherit",
  });
}

function testArguments(group: Group, report: string): string[] {
  return ["test", "-A", "--no-check", `--junit-path=${report}`, ...passedOn, ...group.paths];
}

if (isWindowsWorld) throw new Error("Run this on the machine, not in its Windows world.");
if (!await bringSignedDll()) Deno.exit(1);
const signedBefore = await sha256Hex(await Deno.readFile(signedPath));
const outcomes = Deno.build.os === "windows" ? await runOnWindows() : await runInWorlds();
const signedAfter = await sha256Hex(await Deno.readFile(signedPath));

console.log(["", ...summary(outcomes)].join("\n"));
console.log(`The signed wintun.dll: SHA-256 ${signedBefore} before, ${signedAfter} after`);
const validated = outcomes.reduce((sum, outcome) => sum + outcome.validated, 0);
reportCount(validated);
console.log(`${validated} outputs validated by their schemas`);
const passedOf = (isCounted: (group: Group) => boolean): number =>
  outcomes.filter(isCounted).reduce((sum, { passed }) => sum + passed, 0);
const count = (on: Group["on"]): number => passedOf((group) => group.on === on);
const countExecutable = (on: Group["on"]): number =>
  passedOf((group) => group.isExecutable === true && group.on === on);
const failed = outcomes.reduce((sum, { failures }) => sum + failures.length, 0);
const isComplete = isPassed(outcomes) && signedAfter === signedBefore;
console.log(
  JSON.stringify({
    schema: 1,
    signedDll: count("signed DLL"),
    realDriver: count("real driver"),
    emulator: count("emulator"),
    windows: count("windows"),
    executable: {
      signedDll: countExecutable("signed DLL"),
      emulator: countExecutable("emulator"),
      itself: countExecutable("windows"),
    },
    failed,
    passed: isComplete,
  }),
);
Deno.exit(isComplete ? 0 : 1);
