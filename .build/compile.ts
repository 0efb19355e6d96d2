/** Turns the program into one executable with `deno compile`, and says how. */
import { join } from "@std/path";
import { workerPaths } from "./modules.ts";

/**
 * Every permission of the executable, with the reason for it. All others are refused without a question: it has no
 * network, asks nothing about the machine and imports nothing that is not inside it.
 *
 * `ffi`, `read`, `write` and `run` cannot be narrowed to paths: where the files and the system folders of the user are is
 * known only at run time.
 */
export const PERMISSIONS: readonly { readonly flag: string; readonly reason: string }[] = [
  { flag: "--allow-ffi", reason: "calls wintun.dll and the DLLs of Windows: that is the program" },
  { flag: "--allow-read", reason: "verifies wintun.dll, also that of --dll, before it is loaded" },
  {
    flag: "--allow-write",
    reason: "writes captures (--pcap), logs, and the embedded wintun.dll to a protected folder",
  },
  { flag: "--allow-run", reason: "starts itself again as the keeper of an adapter" },
];

/** What is not granted is refused at once, never asked for, and no remote module is imported. */
const REFUSALS = ["--no-prompt", "--deny-net", "--deny-sys", "--deny-import"] as const;

export interface CompileOptions {
  /** The main module, relative to the project. */
  readonly entry: string;
  /** What `deno compile --target` takes. */
  readonly target: string;
  /** Modules that no import names, relative to the project: `workerPaths()`. */
  readonly modules: readonly string[];
  /** Files to embed besides the modules, relative to the project. */
  readonly embed: readonly string[];
  /** Windows only. */
  readonly icon?: string;
  readonly output: string;
}

/** Returns the arguments of `deno compile`, to be run in the project's folder. Understood by Deno 2.4 and later. */
export function compileArguments({ entry, target, modules, embed, icon, output }: CompileOptions): string[] {
  return [
    "compile",
    `--target=${target}`,
    ...PERMISSIONS.map(({ flag }) => flag),
    ...REFUSALS,
    // The code cache would be read from the user's temporary folder: code from there must not run elevated.
    "--no-code-cache",
    ...[...modules, ...embed].map((path) => `--include=${path}`),
    ...(icon === undefined ? [] : [`--icon=${icon}`]),
    `--output=${output}`,
    entry,
  ];
}

/** `deno compile` did not end well. The message is for people. */
export class CompileError extends Error {
  override name = "CompileError";
}

/**
 * Compiles with this Deno, in a temporary folder. What goes into the executable is first copied there, because Deno
 * embeds the times of the files too, and those must not depend on when somebody cloned the project.
 *
 * @throws {CompileError} with Deno's own words, and with the way out where the base binary is out of reach
 */
export async function compile(project: string, options: Omit<CompileOptions, "modules">): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "wintun-build-" });
  try {
    await compileIn(folder, project, options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function compileIn(
  folder: string,
  project: string,
  options: Omit<CompileOptions, "modules">,
): Promise<void> {
  const source = join(folder, "source");
  for (const path of ["src", "vendor", "deno.json", "deno.lock"]) {
    await copy(join(project, path), join(source, path));
  }
  const cache = join(folder, "deno");
  await shareBaseBinaries(cache);
  const modules = workerPaths(source);
  const environment = { DENO_DIR: cache, NO_COLOR: "1" };
  await runDeno(["install", "--quiet", "--entrypoint", options.entry, ...modules], source, environment);
  for (const path of [source, join(cache, "npm")]) await setTimes(path);

  const { success, stderr } = await deno(compileArguments({ ...options, modules }), source, environment);
  if (success) return;
  // Nothing but the base binary is downloaded by now; Deno names it in its message.
  if (!stderr.includes("denort")) throw new CompileError(stderr.trim());
  throw new CompileError(
    `Cannot compile for ${options.target}: the base binary of Deno ${Deno.version.deno} (denort-${options.target}.zip) ` +
      `could not be downloaded.\n${stderr.trim()}\n` +
      "Build where Deno's server can be reached, or set DENORT_BIN to the path of that binary.",
  );
}

/** Base binaries are large: the build's own cache folder gets those of the user's, and keeps new ones there. */
async function shareBaseBinaries(cache: string): Promise<void> {
  const { success, stdout, stderr } = await deno(["info", "--json"], ".", {});
  if (!success) throw new CompileError(stderr.trim());
  const downloads = join(JSON.parse(stdout).denoDir, "dl");
  await Deno.mkdir(downloads, { recursive: true });
  await Deno.mkdir(cache);
  await Deno.symlink(downloads, join(cache, "dl"), { type: "junction" });
}

async function runDeno(args: string[], cwd: string, env: Record<string, string>): Promise<void> {
  const { success, stderr } = await deno(args, cwd, env);
  if (!success) throw new CompileError(stderr.trim());
}

async function deno(
  args: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd, env, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  return { success, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}

/** The same moment as in the zip archives. */
const FIXED_TIME = new Date("1980-01-01T00:00:00Z");

async function setTimes(folder: string): Promise<void> {
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await setTimes(path);
    else if (!isSymlink) await Deno.utime(path, FIXED_TIME, FIXED_TIME);
  }
}
