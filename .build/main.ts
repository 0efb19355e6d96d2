// deno-lint-ignore-file no-console -- a program that prints
/**
 * `deno task build`: builds all files of a release in one folder.
 *
 * For each architecture these are an archive with wintun.exe, the signed wintun.dll and the licences, and a bill of
 * materials. For all of them together: SHA256SUMS and the manifests for winget and scoop. Exit code 0 if all files were
 * built, 1 if not, 2 for a usage error.
 */
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl, join, resolve } from "@std/path";
import { type PeArchitecture, PeFormatError, readPeImage } from "../src/windows/pe.ts";
import { npmSource, sha256Hex, vendor, vendoredName, zipSource } from "../vendor/fetch.ts";
import wintunRelease from "../vendor/wintun/release.json" with { type: "json" };
import { Bundle } from "./bundle.ts";
import { compile } from "./compile.ts";
import { BuildError } from "./deno.ts";
import { finishExecutable, type VersionInfo } from "./executable.ts";
import { ExecutableError } from "./executable_error.ts";
import { scoopManifest, wingetManifests } from "./manifests.ts";
import { billOfMaterials, packagesAmong } from "./sbom.ts";
import type { Architecture } from "./product.ts";
import { ARCHITECTURES, AUTHORS, DESCRIPTION, LICENSE, NAME, packageName, VERSION } from "./product.ts";
import { writeZip, type ZipEntry } from "./zip.ts";

const USAGE =
  `Usage: deno task build [--arch x64|arm64]... [--output DIR] [--release-url URL] [--homepage URL]

  --arch ARCH        build for this architecture only (both)
  --output DIR       build into this folder, missing or empty, instead of dist/, which is emptied
  --release-url URL  where the archives will be downloaded from, for the manifests
  --homepage URL     the page of the project, for the manifests

DENORT_BIN may name the base binary, where Deno's server is out of reach.`;

/**
 * The address of the archives on a local web server that was started in dist/. With it, the manifests can be tested
 * before a release.
 */
const LOCAL_URL = "http://127.0.0.1:8000";

const PROJECT = fromFileUrl(new URL("../", import.meta.url));
const DIST = join(PROJECT, "dist");

/** Licence texts, by their name in the archive. */
const LICENCES: Readonly<Record<string, string>> = {
  "LICENSE.txt": "LICENSE",
  "LICENSE-wintun.txt": "vendor/wintun/LICENSE.txt",
  "LICENSE-deno.txt": ".build/licenses/deno.txt",
  "LICENSE-v8.txt": ".build/licenses/v8.txt",
};

const VERSION_INFO: VersionInfo = {
  version: VERSION,
  strings: {
    FileDescription: DESCRIPTION,
    FileVersion: VERSION,
    InternalName: NAME,
    LegalCopyright: `© ${AUTHORS}. ${LICENSE} licence; wintun.dll © WireGuard LLC.`,
    OriginalFilename: `${NAME}.exe`,
    ProductName: NAME,
    ProductVersion: VERSION,
  },
};

interface Options {
  readonly architectures: readonly Architecture[];
  readonly output: string;
  readonly releaseUrl: string;
  readonly homepage: string;
}

class UsageError extends Error {
  override name = "UsageError";
}

async function build({ architectures, output, releaseUrl, homepage }: Options): Promise<void> {
  await vendorDlls();
  if (output === DIST) await Deno.remove(output, { recursive: true }).catch(ignoreMissing);
  await expectEmpty(output);
  await Deno.mkdir(join(output, "winget"), { recursive: true });

  const lock = JSON.parse(await Deno.readTextFile(join(PROJECT, "deno.lock")));
  const archives = new Map<Architecture, string>();
  const sums: string[] = [];
  const write = async (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
    await Deno.writeFile(join(output, name), bytes);
    const sum = await sha256Hex(bytes);
    sums.push(`${sum}  ${name}\n`);
    console.log(`${join(output, name)}: ${bytes.length} bytes, SHA-256 ${sum}`);
    return sum;
  };
  await using bundle = await Bundle.make(PROJECT, "src/main.ts");
  const packages = packagesAmong(lock.npm, bundle.sources);
  for (const architecture of architectures) {
    const executable = await buildExecutable(bundle, architecture);
    const bill = encode(billOfMaterials(architecture, await sha256Hex(executable), packages));
    await write(`${packageName(architecture)}.cdx.json`, bill);
    archives.set(
      architecture,
      await write(`${packageName(architecture)}.zip`, await pack(architecture, executable)),
    );
  }
  const release = { url: releaseUrl, homepage, archives };
  await Deno.writeTextFile(join(output, `${NAME}.json`), scoopManifest(release));
  for (const [name, text] of wingetManifests(release)) {
    await Deno.writeTextFile(join(output, "winget", name), text);
  }
  await Deno.writeTextFile(join(output, "SHA256SUMS"), sums.join(""));
  console.log(
    `${output}: also SHA256SUMS, ${NAME}.json for scoop and winget/, with archives at ${releaseUrl}`,
  );
}

/** @throws {UsageError} if `folder` contains files that the build would mix with its own or overwrite */
async function expectEmpty(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      throw new UsageError(`${folder} is not empty: it has ${name}.`);
    }
  } catch (error) {
    ignoreMissing(error);
  }
}

async function vendorDlls(): Promise<void> {
  const { files, sources: { official, npm } } = wintunRelease;
  const sources = [zipSource(official.url, official.paths), npmSource(npm.package, npm.paths)];
  const folder = join(PROJECT, "vendor", "wintun");
  if (!await vendor(files, folder, sources, console.log)) {
    throw new BuildError("Cannot build without wintun.dll.");
  }
}

async function buildExecutable(
  bundle: Bundle,
  architecture: Architecture,
): Promise<Uint8Array<ArrayBuffer>> {
  const { denoTarget, wintun } = ARCHITECTURES[architecture];
  const folder = await Deno.makeTempDir({ prefix: "wintun-build-" });
  try {
    const output = join(folder, `${NAME}.exe`);
    const dll = `vendor/wintun/${vendoredName(wintun)}`;
    const icon = join(PROJECT, ".build", "wintun.ico");
    await compile(bundle, { target: denoTarget, embed: { [dll]: join(PROJECT, dll) }, icon, output });
    const executable = finishExecutable(await Deno.readFile(output), VERSION_INFO);
    const built = readPeImage(executable).architecture;
    if (built !== wintun) throw new ExecutableError(`the base binary is for ${built}, wanted is ${wintun}`);
    return executable;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function pack(
  architecture: Architecture,
  executable: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const dll = join("vendor", "wintun", vendoredName(ARCHITECTURES[architecture].wintun));
  const files: ZipEntry[] = [{ path: `${NAME}.exe`, bytes: executable }];
  for (const [path, file] of [["wintun.dll", dll], ...Object.entries(LICENCES)]) {
    files.push({ path, bytes: await Deno.readFile(join(PROJECT, file)) });
  }
  let sums = "";
  for (const { path, bytes } of files) sums += `${await sha256Hex(bytes)}  ${path}\n`;
  return await writeZip([...files, { path: "SHA256SUMS", bytes: encode(sums) }]);
}

/** @throws {UsageError} */
async function readOptions(args: readonly string[]): Promise<Options> {
  const parsed = parseArgs(args, {
    string: ["arch", "output", "release-url", "homepage"],
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
  const releaseUrl = (parsed["release-url"] ?? LOCAL_URL) as string;
  return {
    architectures: asked.length > 0 ? asked as Architecture[] : await possibleArchitectures(),
    output: resolve((parsed.output ?? DIST) as string),
    releaseUrl,
    homepage: (parsed.homepage ?? releaseUrl) as string,
  };
}

/**
 * Returns both architectures. If DENORT_BIN names a base binary, returns only its architecture: a base binary is for
 * one.
 */
async function possibleArchitectures(): Promise<Architecture[]> {
  const all = Object.keys(ARCHITECTURES) as Architecture[];
  const base = Deno.env.get("DENORT_BIN");
  if (!base) return all;
  const architecture = await architectureOf(base);
  const possible = all.filter((one) => ARCHITECTURES[one].wintun === architecture);
  console.log(`DENORT_BIN is a base binary for ${possible.join() || "neither"} of ${all.join(" and ")}`);
  return possible;
}

async function architectureOf(base: string): Promise<PeArchitecture | undefined> {
  try {
    return readPeImage(await Deno.readFile(base)).architecture;
  } catch (error) {
    if (!(error instanceof PeFormatError || error instanceof Deno.errors.NotFound)) throw error;
    throw new BuildError(`Cannot use DENORT_BIN=${base}: ${error.message}`);
  }
}

async function main(): Promise<number> {
  try {
    await build(await readOptions(Deno.args));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\n${USAGE}`);
      return 2;
    }
    if (!(error instanceof BuildError || error instanceof ExecutableError)) throw error;
    console.error(
      error instanceof ExecutableError ? `Cannot finish the executable: ${error.message}.` : error.message,
    );
    return 1;
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

if (import.meta.main) Deno.exit(await main());
