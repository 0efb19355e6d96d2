/** Builds the C parts of the tests with the system's compiler, into a cache outside the source tree. */

import { hex } from "../../src/wire/hex.ts";

const TESTS = new URL("../", import.meta.url);

/** Folders of headers, relative to the folder of the tests. */
export const CORE_HEADERS: readonly string[] = ["emulator/core", "bench"];

/** The driver's half of a session, with its control functions, and the code that measures a client. */
export const DRIVER_SOURCES: readonly string[] = [
  ...["driver", "faults", "control"].map((name) => `emulator/core/${name}.c`),
  ...["measurement", "packets"].map((name) => `bench/${name}.c`),
];

/**
 * The emulator's core, which is the same on every platform, and the code that measures a client. Paths are relative to
 * the folder of the tests.
 */
export const CORE_SOURCES: readonly string[] = [
  ...["adapter", "session", "logger", "adapter_control"].map((name) => `emulator/core/${name}.c`),
  ...DRIVER_SOURCES,
];

const LINUX_SOURCES: readonly string[] = [
  ...[
    "platform",
    "system",
    "objects",
    "namespaces",
    "waits",
    "process",
    "security",
    "registry",
    "services",
    "service_process",
    "setupapi",
    "console",
  ],
  ...[
    "device",
    "netlink",
    "connections",
    "iphlpapi",
    "addresses",
    "routes",
    "dns",
    "network_list",
    "icmp",
    "linux_ping",
    "notifications",
  ],
].map((name) => `emulator/linux/${name}.c`);

const WARNINGS: readonly string[] = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror"];

/** One build target: the arguments of `cc`, which runs in the folder of the tests. */
interface Target {
  readonly name: string;
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

/** Builds the emulator as a shared library. Returns its absolute path. */
export function buildEmulator(): Promise<string> {
  return build({
    name: "wintun-emulator.so",
    sources: [...CORE_SOURCES, ...LINUX_SOURCES],
    flags: ["-shared", "-fPIC", "-fvisibility=hidden", "-Wl,-Bsymbolic", "-Wl,-z,defs", "-pthread"],
  });
}

/**
 * Builds the C echo loop with which the benchmark compares this program. Returns the absolute path of the executable.
 */
export function buildBenchLoop(): Promise<string> {
  return build({ name: "echo_loop", sources: ["bench/echo_loop.c"], flags: ["-pthread"] });
}

/** Builds a library for LD_PRELOAD that simulates a stalling disk. Returns its absolute path. */
export function buildStalledDisk(): Promise<string> {
  return build({
    name: "stalled_disk.so",
    sources: ["e2e/stalled_disk.c"],
    flags: ["-shared", "-fPIC", "-ldl"],
  });
}

async function build(target: Target): Promise<string> {
  const includes = CORE_HEADERS.map((folder) => `-I${folder}`);
  const args = [...WARNINGS, ...includes, ...target.flags, ...target.sources];
  const folder = `${cacheFolder()}/${await digest(target, args)}`;
  const output = `${folder}/${target.name}`;
  if (await exists(output)) return output;
  await Deno.mkdir(folder, { recursive: true });
  // The compiler writes under a temporary name first, so that another process never sees an incomplete file.
  const unfinished = `${output}.${Deno.pid}.${crypto.randomUUID()}`;
  try {
    await compile([...args, "-o", unfinished], target);
    await Deno.rename(unfinished, output);
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    throw error;
  }
  return output;
}

async function compile(args: readonly string[], target: Target): Promise<void> {
  let result: Deno.CommandOutput;
  try {
    result = await new Deno.Command("cc", { args: [...args], cwd: TESTS, stderr: "piped" }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot build ${target.name}: there is no C compiler named cc. Install one (Debian: apt-get install gcc libc6-dev).`,
    );
  }
  if (!result.success) {
    throw new Error(`Cannot build ${target.name}:\n${new TextDecoder().decode(result.stderr)}`);
  }
}

/** Returns a digest of everything that the output depends on: the command line, the sources and all headers. */
async function digest(target: Target, args: readonly string[]): Promise<string> {
  const parts = [new TextEncoder().encode(args.join("\0"))];
  const files = target.sources.map((name) => new URL(name, TESTS));
  for (const folder of [...CORE_HEADERS, "emulator/linux"]) {
    for (const { name } of Deno.readDirSync(new URL(folder, TESTS))) {
      if (name.endsWith(".h")) files.push(new URL(`${folder}/${name}`, TESTS));
    }
  }
  for (const file of files.sort((a, b) => a.href < b.href ? -1 : 1)) {
    parts.push(new TextEncoder().encode(`\0${file.pathname}\0`), await Deno.readFile(file));
  }
  const hash = await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer());
  return hex(new Uint8Array(hash, 0, 12));
}

function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") || "/tmp"}/.cache`;
  return `${base}/wintun-emulator`;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
