/** The command line of `deno task build`. */
import { parseArgs } from "@std/cli/parse-args";
import { join, resolve } from "@std/path";
import { readBaseBinary, refuseOtherBase } from "./base_binary.ts";
import { type Architecture, ARCHITECTURES } from "./product.ts";

export const USAGE = `Usage: deno task build [--arch x64|arm64]... [--output DIR] [--sign PROGRAM]
                        [--release-url URL] [--homepage URL]

  --arch ARCH        build for this architecture only (both)
  --output DIR       build into this folder, missing or empty, instead of dist/, which is emptied
  --sign PROGRAM     run this program with the path of each executable, to sign it before it is packed
  --release-url URL  where the archives will be downloaded from, for the manifests
  --homepage URL     the page of the project, for the manifests

DENORT_BIN may name the base binary, where Deno's server is out of reach.`;

/**
 * The address of the archives on a local web server that was started in dist/. With it, the manifests can be tested
 * before a release.
 */
const LOCAL_URL = "http://127.0.0.1:8000";

/** The options of `deno task build`. */
export interface Options {
  readonly architectures: readonly Architecture[];
  /** The folder of the release files. It is missing, empty, or the `dist/` of the project, which is replaced. */
  readonly output: string;
  /** The program that signs an executable; `undefined` leaves them unsigned. */
  readonly signer: string | undefined;
  readonly releaseUrl: string;
  readonly homepage: string;
}

/** Reports that the command line of the build is wrong. The message is for the user. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Reads the command line of the build.
 *
 * @param project The folder of the project.
 * @throws {UsageError}
 * @throws {BuildError} if the base binary that DENORT_BIN names cannot be used
 */
export async function readOptions(args: readonly string[], project: string): Promise<Options> {
  const parsed = parseArgs(args, {
    string: ["arch", "output", "sign", "release-url", "homepage"],
    collect: ["arch"],
    unknown: (argument) => {
      throw new UsageError(`There is no option ${argument}.`);
    },
  });
  const asked = parsed.arch as string[];
  for (const architecture of asked) {
    if (!Object.hasOwn(ARCHITECTURES, architecture)) {
      throw new UsageError(`--arch ${architecture} is not x64 or arm64.`);
    }
  }
  const dist = join(project, "dist");
  const output = resolve((parsed.output ?? dist) as string);
  if (output !== dist) await expectEmpty(output);
  const releaseUrl = (parsed["release-url"] ?? LOCAL_URL) as string;
  return {
    architectures: await chooseArchitectures(asked as Architecture[]),
    output,
    signer: parsed.sign as string | undefined,
    releaseUrl,
    homepage: (parsed.homepage ?? releaseUrl) as string,
  };
}

/** @throws {UsageError} if `folder` contains files that the build would mix with its own or overwrite */
async function expectEmpty(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      throw new UsageError(`${folder} is not empty: it has ${name}.`);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Returns the architectures to build: those that were asked for, or else all that are possible. A base binary that
 * DENORT_BIN names is for one of them.
 *
 * @throws {BuildError} if that base binary cannot be used
 */
async function chooseArchitectures(asked: readonly Architecture[]): Promise<readonly Architecture[]> {
  const all = Object.keys(ARCHITECTURES) as Architecture[];
  const path = Deno.env.get("DENORT_BIN");
  if (!path) return asked.length > 0 ? asked : all;
  const base = await readBaseBinary(path);
  const chosen = asked.length > 0
    ? asked
    : all.filter((one) => ARCHITECTURES[one].wintun === base.architecture);
  for (const one of chosen.length > 0 ? chosen : all) refuseOtherBase(base, ARCHITECTURES[one].wintun);
  return chosen;
}
