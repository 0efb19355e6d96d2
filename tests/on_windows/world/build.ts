/** Builds the C parts of the Windows world, once for each version of their sources. */

import { basename, dirname, fromFileUrl, join } from "@std/path";
import { hex } from "../../../src/wire/hex.ts";
import { CORE_HEADERS, CORE_SOURCES, DRIVER_SOURCES } from "../../emulator/build.ts";
import { baseKey, inside } from "./base.ts";
import { cached, cacheFolder } from "./cache.ts";
import { completeExports, wineName, withoutMark } from "./completed.ts";
import { must } from "./debian.ts";
import { elevatedManifest } from "./manifest.ts";

/** The repository's root folder. */
export const checkout = fromFileUrl(new URL("../../../", import.meta.url)).replace(/\/$/, "");

/** A file that is built for Windows programs, or a program of this machine. */
export interface Part {
  compiler: "cc" | "x86_64-w64-mingw32-gcc";
  /** Folders of headers, and the files to compile. Paths are relative to the repository's root. */
  headers: string[];
  sources: string[];
  flags: string[];
  /** Whether it runs as an administrator. */
  elevated?: boolean;
  /** The DLL of Wine's, without `.dll`, whose place it takes. It has all other functions of that one, too. */
  completes?: string;
}

const warnings = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror"];
const machine = "tests/on_windows/machine";
const iphlpapi = "tests/on_windows/iphlpapi";
/** The pings of the Linux side are in the emulator. */
const linux = "tests/emulator/linux";
const standIns = "tests/on_windows/stand_ins";
const services = "tests/on_windows/services";
const programs = "tests/on_windows/programs";
const bench = "tests/bench";
const windows = ["-D_WIN32_WINNT=0x0A00", "-D__USE_MINGW_ANSI_STDIO=1", "-static-libgcc"];
const deviceLibraries = ["-lws2_32", "-lsetupapi", "-ladvapi32", "-lole32"];

const emulatorHeaders = [...CORE_HEADERS, "emulator/windows"].map((folder) => `tests/${folder}`);

const within = (folder: string, names: string): string[] =>
  names.split(" ").map((name) => `${folder}/${name}.c`);

/** A DLL whose functions all lie in other DLLs. */
function forwarder(name: string): Part {
  const sources = [`${standIns}/${name}.def`];
  return {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [],
    sources,
    flags: ["-shared", "-nostdlib", "-Wl,--entry,0"],
  };
}

/** A file in the place of the driver, with nothing in it but its version. */
function driverFile(major: number, minor: number): Part {
  const flags = ["-shared", "-nostdlib", "-Wl,--entry,0", `-DMAJOR=${major}`, `-DMINOR=${minor}`];
  return { compiler: "x86_64-w64-mingw32-gcc", headers: [], sources: [`${standIns}/driver.rc`], flags };
}

/** Starts other programs. */
const launcher: Part = {
  compiler: "x86_64-w64-mingw32-gcc",
  headers: [],
  sources: within(programs, "launch"),
  flags: windows,
};

/** The emulator as a DLL. */
export const emulatorPart: Part = {
  compiler: "x86_64-w64-mingw32-gcc",
  headers: [...emulatorHeaders, machine],
  sources: [
    ...CORE_SOURCES.map((path) => `tests/${path}`),
    ...within("tests/emulator/windows", "platform device dll"),
    ...within(machine, "client device_registry"),
  ],
  flags: ["-shared", ...windows, ...deviceLibraries],
};

/** All parts, by the name of the output file. */
const parts: Record<string, Part> = {
  "machine": {
    compiler: "cc",
    headers: [machine, linux],
    sources: [...within(machine, "machine adapters"), ...within(linux, "linux_ping")],
    flags: [],
  },
  "wintun.dll": emulatorPart,
  "bcryptprimitives.dll": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [...emulatorHeaders, machine, standIns],
    sources: [
      ...within(standIns, "stand_ins exports namespaces device_file waits kernel_modules setup device_nodes"),
      ...within(standIns, "software_devices device_queries connection_names adapter_control faults trace"),
      ...DRIVER_SOURCES.map((path) => `tests/${path}`),
      ...within("tests/emulator/windows", "platform device"),
      ...within(machine, "client device_registry"),
    ],
    flags: ["-shared", ...windows, ...deviceLibraries, "-lntdll"],
  },
  "cfgmgr32.dll": forwarder("cfgmgr32"),
  "nci.dll": forwarder("nci"),
  "wintun_0.13.sys": driverFile(0, 13),
  "wintun_0.14.sys": driverFile(0, 14),
  "iphlpapi.dll": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [machine, iphlpapi],
    sources: [
      ...within(iphlpapi, "standin interfaces addresses routes dns notifications icmp network_list"),
      `${machine}/client.c`,
    ],
    flags: ["-shared", ...windows, "-lws2_32", "-luuid"],
    completes: "iphlpapi",
  },
  "sechost.dll": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [],
    sources: within(services, "sechost"),
    flags: ["-shared", ...windows, "-ladvapi32"],
    completes: "sechost",
  },
  "service_failures.exe": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [],
    sources: within(services, "service_failures"),
    flags: [...windows, "-ladvapi32"],
  },
  "plug_and_play.exe": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [machine],
    sources: within(machine, "plug_and_play client device_registry"),
    flags: [...windows, ...deviceLibraries],
  },
  "layouts.exe": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [iphlpapi],
    sources: within(programs, "layouts"),
    flags: windows,
  },
  "echo_loop.exe": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: emulatorHeaders,
    sources: within(bench, "echo_loop"),
    flags: windows,
    elevated: true,
  },
  "planted.dll": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [],
    sources: within(programs, "planted"),
    flags: ["-shared", ...windows],
  },
  "old_wintun.dll": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [],
    sources: within(programs, "old_wintun"),
    flags: ["-shared", ...windows],
  },
  "launch.exe": launcher,
  "launch_elevated.exe": { ...launcher, elevated: true },
  "wintun_client.exe": {
    compiler: "x86_64-w64-mingw32-gcc",
    headers: [programs],
    sources: within(programs, "wintun_client"),
    flags: windows,
    elevated: true,
  },
};

/** Returns a key that changes whenever the parts would change. */
export async function partsKey(): Promise<string> {
  return JSON.stringify([parts, await digestSources(), baseKey]);
}

/** The start of the names of the folders with parts. Each folder was built from different sources. */
const folderPrefix = "parts-";
/** Number of folders to keep, because several checkouts use them in turn. */
const keptFolders = 4;

/** Returns the folder of all parts, built from the current sources for the Wine of `base`. */
export async function buildParts(base: string): Promise<string> {
  const key = await partsKey();
  const folder = await cached(`${folderPrefix}${(await digest(key)).slice(0, 16)}`, key, async (folder) => {
    await Promise.all(Object.entries(parts).map(([name, part]) => buildPart(base, folder, name, part)));
  });
  await forgetOldParts();
  return folder;
}

/** Returns whether the program at `path` is the part `name` of a world. */
export function isPart(path: string, name: string): boolean {
  return path.startsWith(join(cacheFolder(), folderPrefix)) && basename(path) === name;
}

/** Builds a part as the file `name` in a folder, for the Wine of `base`. */
export async function buildPart(base: string, folder: string, name: string, part: Part): Promise<void> {
  const { compiler, headers, sources, flags, elevated, completes } = part;
  const includes = headers.map((folder) => `-I${join(checkout, folder)}`);
  const files = await Promise.all(sources.map(async (source) => {
    const file = join(checkout, source);
    if (!source.endsWith(".rc")) return file;
    const compiled = join(folder, `${name}.o`);
    await must("x86_64-w64-mingw32-windres", [
      ...flags.filter((flag) => flag.startsWith("-D")),
      file,
      compiled,
    ]);
    return compiled;
  }));
  const output = join(folder, name);
  const build = async (...more: string[]): Promise<string> =>
    await must(compiler, [...warnings, ...includes, "-o", output, ...files, ...more, ...flags]);
  await build();
  if (completes !== undefined) {
    const wine = await Deno.readFile(join(base, inside.wineDlls, `${completes}.dll`));
    const definition = join(folder, `${name}.def`);
    await Deno.writeTextFile(definition, completeExports(completes, await Deno.readFile(output), wine));
    await build(definition);
    await Deno.writeFile(join(folder, `${wineName(completes)}.dll`), withoutMark(wine));
  }
  if (elevated) await Deno.writeTextFile(join(folder, `${name}.manifest`), elevatedManifest);
}

async function forgetOldParts(): Promise<void> {
  const found: { path: string; made: number }[] = [];
  for await (const { name, isDirectory } of Deno.readDir(cacheFolder())) {
    if (!isDirectory || !name.startsWith(folderPrefix) || name.endsWith(".partial")) continue;
    const path = join(cacheFolder(), name);
    const { mtime } = await Deno.stat(path);
    found.push({ path, made: mtime?.getTime() ?? 0 });
  }
  found.sort((a, b) => b.made - a.made);
  for (const { path } of found.slice(keptFolders)) {
    // A running world has a copy, and another process may have removed the folder first.
    await Deno.remove(path, { recursive: true }).catch(() => {});
    await Deno.remove(`${path}.lock`).catch(() => {});
  }
}

async function digestSources(): Promise<string> {
  const folders = new Set(
    Object.values(parts).flatMap(({ headers, sources }) => [...headers, ...sources.map(dirname)]),
  );
  const files: string[] = [];
  for (const folder of folders) {
    for await (const { name, isFile } of Deno.readDir(join(checkout, folder))) {
      if (isFile && /\.(c|h|def|rc)$/.test(name)) files.push(join(checkout, folder, name));
    }
  }
  const texts = await Promise.all(
    files.sort().map(async (file) => `${file.slice(checkout.length)}\n${await Deno.readTextFile(file)}`),
  );
  return await digest(texts.join("\0"));
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return hex(new Uint8Array(hash));
}
