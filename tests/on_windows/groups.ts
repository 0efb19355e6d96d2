/** Which tests run where, and what they run on. */

import { fromFileUrl } from "@std/path";
import { standInsPath, worldSignedPath } from "./libraries.ts";

/** Which program the tests of a group start: the finished executable, or the sources under deno.exe. */
export type Program = "executable" | "sources";

export interface Group {
  readonly title: string;
  /** What a pass of these tests says something about. */
  readonly on: "signed DLL" | "real driver" | "emulator" | "windows";
  /** Set if the tests are about the finished executable. */
  readonly isExecutable?: true;
  /** Files or folders, from the checkout. */
  readonly paths: readonly string[];
  readonly env?: Record<string, string>;
  /** Run by Linux' Deno, beside the world. */
  readonly onLinux?: true;
}

const SYSTEM: Group = {
  title: "Windows itself",
  on: "windows",
  paths: ["tests/on_windows/system", "tests/echo/capture/files_test.ts"],
};
const TRUST: Group = { title: "Trust in wintun.dll", on: "windows", paths: ["tests/on_windows/trust"] };
const SIGNED: Group = {
  title: "The signed wintun.dll",
  on: "signed DLL",
  paths: ["tests/on_windows/signed"],
};

/** Files of tests about the whole program that Linux' Deno runs in a world. */
const FROM_LINUX: Readonly<Record<string, string>> = {
  "from Linux": "tests/on_windows/from_linux/serve_test.ts",
  "stories": "tests/on_windows/stories_test.ts",
};

/** What only the finished executable can show. */
const EXECUTABLE = "tests/on_windows/executable";

/** The groups for real Windows, where the program runs from its sources. */
export function groupsForWindows(): Group[] {
  return [SYSTEM, TRUST, SIGNED, {
    title: "The real driver",
    on: "real driver",
    paths: ["tests/on_windows/driver", FROM_LINUX.stories],
  }];
}

/** The groups for the Windows world on Linux. */
export function groupsForWorld(program: Program): Group[] {
  const groups: Group[] = [
    ...programOn("signed DLL", program),
    ...programOn("emulator", program),
    ...(program === "executable"
      ? [theExecutable(), ...programOn("signed DLL", "sources", ["lifecycle"])]
      : []),
    {
      title: "The Windows world, and who may sign",
      on: "windows",
      paths: filesIn("from_linux").filter((name) => name !== "serve").map((name) =>
        `tests/on_windows/from_linux/${name}_test.ts`
      ),
      env: environmentOf("signed DLL", program),
      onLinux: true,
    },
    { title: "The Windows headers", on: "windows", paths: ["tests/on_windows/headers"], onLinux: true },
    SYSTEM,
    TRUST,
    SIGNED,
    {
      title: "Faults below the signed DLL",
      on: "signed DLL",
      paths: ["tests/on_windows/faults"],
      env: environmentOf("signed DLL", program),
    },
    {
      title: "The bindings on the signed DLL",
      on: "signed DLL",
      paths: bindings("adapter", "session", "rings"),
      env: {
        WINTUN_UNDER_TEST: worldSignedPath,
        WINTUN_CONTROL: standInsPath,
        WINTUN_EMULATOR_LINK: "none",
      },
    },
    {
      title: "The bindings on the emulator as a DLL",
      on: "emulator",
      paths: bindings("adapter", "session", "rings", "logger", "leak"),
      env: { WINTUN_UNDER_TEST: "Z:\\world\\wintun.dll", WINTUN_EMULATOR_LINK: "none" },
    },
  ];
  // The longest first, so that the two worlds end at about the same time.
  const longest = [driverTest("states"), EXECUTABLE, FROM_LINUX.stories];
  const rank = ({ paths: [path] }: Group): number => [...longest, path].indexOf(path);
  return groups.toSorted((one, other) => rank(one) - rank(other));
}

/** What takes too long for every run: real waits, and many adapters. */
export function longGroups(program: Program): Group[] {
  const env = environmentOf("signed DLL", program);
  return [
    {
      title: "Adapters made and deleted, 200 times",
      on: "signed DLL",
      ...executableOf(program),
      paths: [driverTest("service_cycles")],
      env: { ...env, WINTUN_TEST_CYCLES: "200" },
    },
    {
      title: "Waits of the signed DLL",
      on: "signed DLL",
      paths: ["tests/on_windows/long/waits_test.ts"],
      env,
    },
    {
      title: "Memory on the signed DLL",
      on: "signed DLL",
      paths: ["tests/on_windows/long/memory_test.ts"],
      env: { ...env, WINTUN_EMULATOR_LINK: "none" },
    },
  ];
}

/**
 * The whole program on a wintun.dll, in all tests of the folder `driver` and seen from Linux, or in the tests of that
 * folder that `names` has. Everything below the signed DLL is a stand-in.
 */
function programOn(
  on: "signed DLL" | "emulator",
  program: Program,
  names: readonly string[] = [
    "from Linux",
    ...(on === "signed DLL" ? ["stories"] : []),
    ...driverTests(on, program),
  ],
): Group[] {
  const common = {
    on,
    env: environmentOf(on, program),
    ...executableOf(program),
  };
  const subject = program === "executable" ? "The executable" : "The program from its sources";
  return names.map((name): Group => ({
    ...common,
    title: `${subject} on the ${on}: ${name}`,
    ...(name in FROM_LINUX ? { paths: [FROM_LINUX[name]], onLinux: true } : { paths: [driverTest(name)] }),
  }));
}

/**
 * Tests for which it makes no difference whose wintun.dll the program loads: they are about parts of Windows, which are the same
 * stand-ins below both, about services and processes, or about what the program decides before it loads one. They run on the signed
 * one.
 */
const ON_EITHER_DLL: readonly string[] = [
  "console",
  "delete",
  "dns_rules",
  "job",
  "launch",
  "network_category",
  "ownership",
  "persistent",
  "readme_script",
  "recorded_calls",
  "recorded_settings",
  "rename",
  "service",
  "service_cycles",
  "stop",
  "watch",
];

/** The tests of the folder `driver`, without those that say nothing about this program on this wintun.dll. */
function driverTests(on: "signed DLL" | "emulator", program: Program): string[] {
  return filesIn("driver").filter((name) => {
    if (name === "persistent" && program === "sources") return false;
    return on === "signed DLL" || !ON_EITHER_DLL.includes(name);
  });
}

const driverTest = (name: string): string => `tests/on_windows/driver/${name}_test.ts`;

function theExecutable(): Group {
  return {
    title: "The executable itself",
    on: "windows",
    isExecutable: true,
    paths: [EXECUTABLE],
    env: environmentOf("signed DLL", "executable"),
    onLinux: true,
  };
}

function executableOf(program: Program): { isExecutable?: true } {
  return program === "executable" ? { isExecutable: true } : {};
}

/** What tells the tests which program and which wintun.dll they are about. */
function environmentOf(on: "signed DLL" | "emulator", program: Program): Record<string, string> {
  return { WINTUN_WORLD_PROGRAM: program, WINTUN_WORLD_DLL: on === "signed DLL" ? "signed" : "emulator" };
}

const bindings = (...names: string[]): string[] => names.map((name) => `tests/bindings/${name}_test.ts`);

/** The test files in a folder, each for a group of its own, so that they can run side by side. */
function filesIn(folder: string): string[] {
  const names = Array.from(
    Deno.readDirSync(fromFileUrl(new URL(folder, import.meta.url))),
    ({ name }) => name,
  );
  const tests = names.map((name) => /^(.+)_test\.ts$/.exec(name)?.[1]);
  const other = names.find((_, index) => tests[index] === undefined);
  if (other !== undefined) {
    throw new Error(`tests/on_windows/${folder}/${other} is no test file, and would not be run`);
  }
  return (tests as string[]).sort();
}
