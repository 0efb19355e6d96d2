/** Compiles the bundled program into one executable with `deno compile`. */
import { dirname, join } from "@std/path";
import type { Bundle } from "./bundle.ts";
import { BuildError, deno } from "./deno.ts";

/**
 * Every permission of the executable, with its reason. All other permissions are denied without a prompt: the program
 * starts no process, has no network access, cannot query system information, and imports no remote module.
 *
 * Deno would look for a module that is not in the executable under the user's temporary folder (deno-compile-NAME). None
 * is missing: the bundles import no module, and all files that they name are embedded.
 *
 * `ffi`, `read` and `write` cannot be restricted to paths, because the paths of the user's files and of the
 * system folders are known only at run time.
 */
export const PERMISSIONS: readonly { readonly flag: string; readonly reason: string }[] = [
  { flag: "--allow-ffi", reason: "calls wintun.dll and the DLLs of Windows: that is the program" },
  { flag: "--allow-read", reason: "verifies wintun.dll, also that of --dll, before it is loaded" },
  {
    flag: "--allow-write",
    reason:
      "writes captures (--pcap), logs, simulated machines, and the embedded wintun.dll to a protected folder",
  },
  {
    flag: "--allow-env=WINTUN_SIMULATE",
    reason: "reads whether commands work on a simulated machine; every other variable stays unread",
  },
];

/** A permission that is not granted is denied at once without a prompt, and no remote module is imported. */
const REFUSALS = ["--no-prompt", "--deny-net", "--deny-run", "--deny-sys", "--deny-import"] as const;

/**
 * Turbolev, V8's coming compiler, does not compile the calls of a DLL into the echo loop, which is then 18 times slower. It
 * is off in Deno 2.9. This keeps it off if a later Deno turns it on.
 */
export const V8_FLAGS = "--no-turbolev";

/** The input and output of `compile`, apart from the bundle. */
export interface CompileOptions {
  /** The target triple, as in `deno compile --target`. */
  readonly target: string;
  /**
   * Files to embed in addition to the program: their path at run time, relative to the program's root, and their
   * current path.
   */
  readonly embed: Readonly<Record<string, string>>;
  /** Icon file, for Windows only. */
  readonly icon?: string;
  readonly output: string;
}

/** Returns the arguments of `deno compile`, which must run in the root of `bundle`. */
export function compileArguments(
  { main, others }: Pick<Bundle, "main" | "others">,
  { target, embed, icon, output }: CompileOptions,
): string[] {
  return [
    "compile",
    `--target=${target}`,
    ...PERMISSIONS.map(({ flag }) => flag),
    ...REFUSALS,
    `--v8-flags=${V8_FLAGS}`,
    // The code cache is a file in the user's temporary folder. Code from there must not run elevated.
    "--no-code-cache",
    // The bundle is complete, and no configuration file near the temporary folder must apply.
    "--no-config",
    "--no-lock",
    "--no-check",
    ...[...others, ...Object.keys(embed)].map((path) => `--include=${path}`),
    ...(icon === undefined ? [] : [`--icon=${icon}`]),
    `--output=${output}`,
    main,
  ];
}

/**
 * Compiles `bundle` with this Deno.
 * @throws {BuildError} with Deno's message, or with advice if the base binary cannot be downloaded
 */
export async function compile(bundle: Bundle, options: CompileOptions): Promise<void> {
  const { root } = bundle;
  for (const [path, file] of Object.entries(options.embed)) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.copyFile(file, join(root, path));
  }
  // Deno also embeds the modification times of the files.
  await setTimes(root);
  const { success, stderr } = await deno(compileArguments(bundle, options), root);
  if (success) return;
  // The only download at this point is the base binary. Deno's message contains its name.
  if (!stderr.includes("denort")) throw new BuildError(stderr.trim());
  throw new BuildError(
    `Cannot compile for ${options.target}: the base binary of Deno ${Deno.version.deno} (denort-${options.target}.zip) ` +
      `could not be downloaded.\n${stderr.trim()}\n` +
      "Build where Deno's server can be reached, or set DENORT_BIN to the path of that binary.",
  );
}

/** The same time as in the zip archives. */
const FIXED_TIME = new Date("1980-01-01T00:00:00Z");

async function setTimes(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await setTimes(path);
    else await Deno.utime(path, FIXED_TIME, FIXED_TIME);
  }
}
