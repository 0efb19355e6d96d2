/** Turns the bundled program into one executable with `deno compile`, and says how. */
import { dirname, join } from "@std/path";
import type { Bundle } from "./bundle.ts";
import { BuildError, deno } from "./deno.ts";

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
  /** What `deno compile --target` takes. */
  readonly target: string;
  /** Files to embed besides the program: where the program finds them, relative to its root, and where they are now. */
  readonly embed: Readonly<Record<string, string>>;
  /** Windows only. */
  readonly icon?: string;
  readonly output: string;
}

/** Returns the arguments of `deno compile`, to be run in the root of `bundle`. Understood by Deno 2.4 and later. */
export function compileArguments(
  { main, others }: Pick<Bundle, "main" | "others">,
  { target, embed, icon, output }: CompileOptions,
): string[] {
  return [
    "compile",
    `--target=${target}`,
    ...PERMISSIONS.map(({ flag }) => flag),
    ...REFUSALS,
    // The code cache would be read from the user's temporary folder: code from there must not run elevated.
    "--no-code-cache",
    // All is inside the bundle, and nothing around the temporary folder should be taken for its configuration.
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
 * @throws {BuildError} with Deno's own words, and with the way out where the base binary is out of reach
 */
export async function compile(bundle: Bundle, options: CompileOptions): Promise<void> {
  const { root } = bundle;
  for (const [path, file] of Object.entries(options.embed)) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.copyFile(file, join(root, path));
  }
  // Deno embeds the times of the files too.
  await setTimes(root);
  const { success, stderr } = await deno(compileArguments(bundle, options), root);
  if (success) return;
  // Nothing but the base binary is downloaded by now; Deno names it in its message.
  if (!stderr.includes("denort")) throw new BuildError(stderr.trim());
  throw new BuildError(
    `Cannot compile for ${options.target}: the base binary of Deno ${Deno.version.deno} (denort-${options.target}.zip) ` +
      `could not be downloaded.\n${stderr.trim()}\n` +
      "Build where Deno's server can be reached, or set DENORT_BIN to the path of that binary.",
  );
}

/** The same moment as in the zip archives. */
const FIXED_TIME = new Date("1980-01-01T00:00:00Z");

async function setTimes(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await setTimes(path);
    else await Deno.utime(path, FIXED_TIME, FIXED_TIME);
  }
}
