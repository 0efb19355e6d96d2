// deno-lint-ignore-file no-console -- a program that prints
/**
 * `deno task build`: builds all files of a release in one folder.
 *
 * For each architecture these are an archive with wintun.exe, the signed wintun.dll and the licences, and a bill of
 * materials. For all of them together: SHA256SUMS and the manifests for winget and scoop. Exit code 0 if all files were
 * built, 1 if not, 2 for a usage error.
 */
import { fromFileUrl, join } from "@std/path";
import { npmSource, sha256Hex, vendor, vendoredName, zipSource } from "../vendor/fetch.ts";
import wintunRelease from "../vendor/wintun/release.json" with { type: "json" };
import { Bundle } from "./bundle.ts";
import { compile } from "./compile.ts";
import { BuildError } from "./deno.ts";
import { DSC_MANIFEST, dscManifest } from "./dsc_manifest.ts";
import { denoVersionOf } from "./deno_version.ts";
import { finishExecutable, type VersionInfo } from "./executable.ts";
import { ExecutableError } from "./executable_error.ts";
import { scoopManifest, wingetManifests } from "./manifests.ts";
import { type Options, readOptions, USAGE, UsageError } from "./options.ts";
import { billOfMaterials, packagesAmong, type Runtime } from "./sbom.ts";
import type { Architecture } from "./product.ts";
import { ARCHITECTURES, AUTHORS, DESCRIPTION, LICENSE, NAME, packageName, VERSION } from "./product.ts";
import { sign } from "./sign.ts";
import { writeZip, type ZipEntry } from "./zip.ts";

const PROJECT = fromFileUrl(new URL("../", import.meta.url));

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

async function build(options: Options): Promise<void> {
  const { output } = options;
  await vendorDlls();
  // The files take the place of the old ones at the end, so that a build that fails changes nothing.
  const folder = `${output}.${crypto.randomUUID().slice(0, 8)}`;
  try {
    await Deno.mkdir(join(folder, "winget"), { recursive: true });
    await buildInto(folder, options);
    await remove(output);
    await Deno.rename(folder, output);
  } catch (error) {
    await remove(folder);
    throw error;
  }
  console.log(
    `${output}: also SHA256SUMS, ${NAME}.json for scoop and winget/, with archives at ${options.releaseUrl}`,
  );
}

async function buildInto(
  folder: string,
  { architectures, signer, releaseUrl, homepage }: Options,
): Promise<void> {
  const lock = JSON.parse(await Deno.readTextFile(join(PROJECT, "deno.lock")));
  const archives = new Map<Architecture, string>();
  const sums: string[] = [];
  const write = async (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> => {
    await Deno.writeFile(join(folder, name), bytes);
    const sum = await sha256Hex(bytes);
    sums.push(`${sum}  ${name}\n`);
    console.log(`${name}: ${bytes.length} bytes, SHA-256 ${sum}`);
    return sum;
  };
  await using bundle = await Bundle.make(PROJECT, "src/main.ts");
  const packages = packagesAmong(lock.npm, bundle.sources);
  for (const architecture of architectures) {
    const executable = await buildExecutable(bundle, architecture, signer);
    const sum = await sha256Hex(executable);
    const runtime = runtimeOf(executable);
    console.log(
      `${NAME}.exe for ${architecture}, with Deno ${runtime.deno}: ${executable.length} bytes, SHA-256 ${sum}`,
    );
    await write(
      `${packageName(architecture)}.cdx.json`,
      encode(billOfMaterials(architecture, sum, runtime, packages)),
    );
    archives.set(
      architecture,
      await write(`${packageName(architecture)}.zip`, await pack(architecture, executable)),
    );
  }
  const release = { url: releaseUrl, homepage, archives };
  await Deno.writeTextFile(join(folder, `${NAME}.json`), scoopManifest(release));
  for (const [name, text] of wingetManifests(release)) {
    await Deno.writeTextFile(join(folder, "winget", name), text);
  }
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), sums.join(""));
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
  signer: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const { denoTarget, wintun } = ARCHITECTURES[architecture];
  const folder = await Deno.makeTempDir({ prefix: "wintun-build-" });
  try {
    const output = join(folder, `${NAME}.exe`);
    const dll = `vendor/wintun/${vendoredName(wintun)}`;
    const icon = join(PROJECT, ".build", "wintun.ico");
    await compile(bundle, { target: denoTarget, embed: { [dll]: join(PROJECT, dll) }, icon, output });
    const executable = finishExecutable(await Deno.readFile(output), VERSION_INFO);
    return signer === undefined ? executable : await sign(executable, signer, `${NAME}.exe`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/**
 * Returns the versions of what the base binary contains. Its Deno is read from the executable; this Deno has the same, so
 * its V8 is that of the base binary, too.
 */
function runtimeOf(executable: Uint8Array<ArrayBuffer>): Runtime {
  const { deno, v8 } = Deno.version;
  const inside = denoVersionOf(executable);
  if (inside !== deno) throw new ExecutableError(`it contains Deno ${inside}, and this is Deno ${deno}`);
  return { deno, v8 };
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
  files.push({ path: DSC_MANIFEST, bytes: encode(dscManifest()) });
  let sums = "";
  for (const { path, bytes } of files) sums += `${await sha256Hex(bytes)}  ${path}\n`;
  return await writeZip([...files, { path: "SHA256SUMS", bytes: encode(sums) }]);
}

async function main(): Promise<number> {
  try {
    await build(await readOptions(Deno.args, PROJECT));
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

/** Removes a folder, if it is there. */
async function remove(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

if (import.meta.main) Deno.exit(await main());
