/** The libraries that the loops are measured with, and how the loops are started with them. */
import { fromFileUrl } from "@std/path";
import { buildBenchLoop, buildEmulator } from "../emulator/build.ts";
import { inside } from "../on_windows/world/base.ts";
import { must } from "../on_windows/world/debian.ts";
import { windowsPaths, type World } from "../on_windows/world/world.ts";
import type { Loops } from "./measure.ts";
import type { BenchLibraries } from "./ours_worker.ts";

const denoRun = ["run", "-A", "--no-check"];

/** Returns the loops on the emulator, which also stands in for kernel32. Builds what is missing. */
export async function loopsOnEmulator(): Promise<Loops> {
  const library = await buildEmulator();
  const loopInC = await buildBenchLoop();
  const script = fromFileUrl(new URL("./ours.ts", import.meta.url));
  const libraries: BenchLibraries = { wintun: library, kernel32: library, control: library };
  return {
    ours: (args) =>
      new Deno.Command(Deno.execPath(), { args: [...denoRun, script, JSON.stringify(libraries), ...args] }),
    c: (args) => new Deno.Command(loopInC, { args: [library, library, library, ...args] }),
  };
}

/** Brings the signed wintun.dll into vendor/wintun if it is missing. @throws {Error} If it cannot be had. */
export async function bringSignedDll(): Promise<void> {
  await must(Deno.execPath(), [...denoRun, fromFileUrl(new URL("../../vendor/fetch.ts", import.meta.url))]);
}

/**
 * Returns the loops as Windows programs on the signed wintun.dll, as `deno task vendor` brings it. Everything below the
 * DLL is a stand-in (tests/on_windows/stand_ins).
 */
export function loopsOnSignedDll(world: World): Loops {
  const wintun = `${windowsPaths.checkout}\\vendor\\wintun\\wintun-amd64.dll`;
  const control = "C:\\windows\\system32\\bcryptprimitives.dll";
  const script = `${windowsPaths.checkout}\\tests\\bench\\ours.ts`;
  const libraries: BenchLibraries = { wintun, control };
  // The packets of a measurement come from the control functions.
  const env = { WINTUN_EMULATOR_LINK: "none" };
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return {
    ours: (args) =>
      world.wine(inside.denoElevated, [...denoRun, script, JSON.stringify(libraries), ...args], {
        env,
        ...streams,
      }),
    c: (args) =>
      world.wine("/world/echo_loop.exe", [wintun, "kernel32.dll", control, ...args], { env, ...streams }),
  };
}
