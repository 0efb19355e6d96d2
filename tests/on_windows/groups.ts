/** Which tests run where, and what they run on. */

import { fromFileUrl } from "@std/path";

export interface Group {
  readonly title: string;
  /** What a pass of these tests says something about. */
  readonly on: "signed DLL" | "real driver" | "emulator" | "windows";
  /** Files or folders, from the checkout. */
  readonly paths: readonly string[];
  readonly env?: Record<string, string>;
  /** Run by Linux' Deno, beside the world. */
  readonly onLinux?: true;
}

/** What became of a group. */
export interface Outcome extends Group {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
  /** Exit code of `deno test`. */
  readonly code: number;
}

/** The groups for real Windows, or for the Windows world on Linux. */
export function groupsFor(place: "windows" | "world"): Group[] {
  const system: Group = {
    title: "Windows itself",
    on: "windows",
    paths: ["tests/on_windows/system", "tests/echo/capture/files_test.ts"],
  };
  const signed: Group = {
    title: "The signed wintun.dll",
    on: "signed DLL",
    paths: ["tests/on_windows/signed"],
  };
  const trust: Group = { title: "Trust in wintun.dll", on: "windows", paths: ["tests/on_windows/trust"] };
  if (place === "windows") {
    return [system, trust, signed, {
      title: "The real driver",
      on: "real driver",
      paths: ["tests/on_windows/driver"],
    }];
  }
  // The longest first, so that the two worlds end at about the same time.
  return [
    ...onSignedDll(),
    { title: "The Windows headers", on: "windows", paths: ["tests/on_windows/headers"], onLinux: true },
    system,
    trust,
    signed,
    {
      title: "The bindings on the emulator as a DLL",
      on: "emulator",
      paths: bindings("adapter", "session", "rings", "logger", "leak"),
      env: { WINTUN_UNDER_TEST: "Z:\\world\\wintun.dll", WINTUN_EMULATOR_LINK: "none" },
    },
  ];
}

/** The program on the signed DLL. Everything below the DLL is a stand-in. */
function onSignedDll(): Group[] {
  const on = "signed DLL";
  const env = { WINTUN_WORLD_DLL: "signed" };
  return [
    {
      title: "The program on the signed DLL, seen from Linux",
      on,
      paths: ["tests/on_windows/from_linux"],
      env,
      onLinux: true,
    },
    ...filesIn("driver").map((name): Group => ({
      title: `The program on the signed DLL: ${name}`,
      on,
      paths: [`tests/on_windows/driver/${name}_test.ts`],
      env,
    })),
    {
      title: "The bindings on the signed DLL",
      on,
      paths: bindings("session", "rings"),
      env: {
        WINTUN_UNDER_TEST: "Z:\\checkout\\vendor\\wintun\\wintun-amd64.dll",
        WINTUN_CONTROL: "C:\\windows\\system32\\bcryptprimitives.dll",
        WINTUN_EMULATOR_LINK: "none",
      },
    },
  ];
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

/** Counts what a JUnit report of `deno test` says. */
export function readJunit(group: Group, xml: string, code: number): Outcome {
  const root = /<testsuites\b[^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(root)?.[1] ?? 0);
  const failed = number("failures") + number("errors");
  const ignored = xml.match(/<skipped\b/g)?.length ?? 0;
  return { ...group, code, failed, ignored, passed: number("tests") - failed - ignored };
}
