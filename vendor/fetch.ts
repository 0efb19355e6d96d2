// deno-lint-ignore-file no-console -- a program that prints
/**
 * `deno task vendor`: puts the signed wintun.dll of every architecture into vendor/wintun/.
 *
 * It tries the official archive first and the npm copy second. Trust does not depend on the source: a file is put in
 * place only if its SHA-256 matches release.json. Exit code 0 if all files are in place, 1 otherwise.
 */
import { fromFileUrl, join } from "@std/path";
import { ArchiveError, readTgzFile, readZipFile } from "./archive.ts";
import release from "./wintun/release.json" with { type: "json" };

/** A processor architecture, named as in Wintun's archive. */
export type Architecture = keyof typeof release.files;
/** The pinned SHA-256 of each DLL, as 64 lower-case hexadecimal digits. */
export type PinnedFiles = Readonly<Record<Architecture, { sha256: string }>>;
type Paths = Readonly<Record<Architecture, string>>;

/** A source of the DLLs. */
export interface Source {
  /** The name of the source in messages to the user. */
  readonly description: string;
  /**
   * Returns every wanted file, unverified.
   * @throws {SourceError} if the source cannot be reached or lacks a file.
   */
  read(wanted: readonly Architecture[]): Promise<Map<Architecture, Uint8Array<ArrayBuffer>>>;
}

/** Reports that a source did not deliver. The message is only the reason, worded for the user. */
export class SourceError extends Error {
  override name = "SourceError";
}

const ARCHITECTURES: readonly Architecture[] = ["amd64", "arm64"];
/** The archives have less than 3 MB, so a longer file is not one of them. */
const MAX_ARCHIVE_BYTES = 64 * 1024 * 1024;
const DOWNLOAD_TIMEOUT_MS = 30_000;
const NPM_TIMEOUT_MS = 120_000;

/** Returns the file name of the DLL of `architecture` in vendor/wintun/. */
export function vendoredName(architecture: Architecture): string {
  return `wintun-${architecture}.dll`;
}

/** Returns a source that downloads the official zip archive from `url`. */
export function zipSource(url: string, paths: Paths, timeoutMs: number = DOWNLOAD_TIMEOUT_MS): Source {
  return {
    description: url,
    async read(wanted): Promise<Map<Architecture, Uint8Array<ArrayBuffer>>> {
      let zip: Uint8Array<ArrayBuffer>;
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
        if (!response.ok) {
          await response.body?.cancel();
          throw new SourceError(`the server answers ${response.status} ${response.statusText}`);
        }
        zip = new Uint8Array(await response.arrayBuffer());
      } catch (error) {
        // fetch() reports an unreachable host as a TypeError with the details in its cause, and a timeout as a
        // DOMException.
        if (error instanceof DOMException) throw new SourceError(`no answer in ${timeoutMs / 1000} s`);
        if (error instanceof TypeError) {
          throw new SourceError(error.cause instanceof Error ? error.cause.message : error.message);
        }
        throw error;
      }
      return await readEach(
        wanted,
        (architecture) => readZipFile(zip, paths[architecture], MAX_ARCHIVE_BYTES),
      );
    },
  };
}

/**
 * Returns a source that downloads the npm package `specifier`, which is anything that `npm pack` accepts. Only the
 * archive of the package is downloaded: no dependencies, and none of its scripts runs.
 */
export function npmSource(specifier: string, paths: Paths, timeoutMs: number = NPM_TIMEOUT_MS): Source {
  return {
    description: `npm package ${specifier}`,
    async read(wanted): Promise<Map<Architecture, Uint8Array<ArrayBuffer>>> {
      const folder = await Deno.makeTempDir({ prefix: "wintun-vendor-" });
      try {
        const tgz = await npmPack(specifier, folder, timeoutMs);
        return await readEach(
          wanted,
          (architecture) => readTgzFile(tgz, paths[architecture], MAX_ARCHIVE_BYTES),
        );
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  };
}

/**
 * Puts the DLLs of `files` into `folder`. A correct file in the folder stays unchanged, and a wrong one is removed. A
 * missing file is taken from the first of `sources` that has the correct file.
 *
 * @returns whether all files are in place
 */
export async function vendor(
  files: PinnedFiles,
  folder: string,
  sources: readonly Source[],
  log: (line: string) => void,
): Promise<boolean> {
  let missing = await missingFiles(files, folder, log);
  for (const source of sources) {
    if (missing.length === 0) break;
    missing = await takeFrom(source, missing, files, folder, log);
  }
  for (const architecture of missing) {
    log(`Cannot get ${vendoredName(architecture)}: no source has it. Put the file there by hand: ${folder}`);
  }
  return missing.length === 0;
}

async function missingFiles(
  files: PinnedFiles,
  folder: string,
  log: (line: string) => void,
): Promise<Architecture[]> {
  const missing: Architecture[] = [];
  for (const architecture of ARCHITECTURES) {
    const path = join(folder, vendoredName(architecture));
    const reason = await whyNotPinned(path, files[architecture].sha256);
    if (reason === undefined) {
      log(`${vendoredName(architecture)}: present, SHA-256 verified`);
      continue;
    }
    if (reason !== "missing") {
      await Deno.remove(path);
      log(`${vendoredName(architecture)}: removed, ${reason}`);
    }
    missing.push(architecture);
  }
  return missing;
}

async function whyNotPinned(path: string, sha256: string): Promise<string | undefined> {
  try {
    return whyWrong(await sha256Hex(await Deno.readFile(path)), sha256);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "missing";
    throw error;
  }
}

function whyWrong(actual: string, expected: string): string | undefined {
  return actual === expected ? undefined : `its SHA-256 is ${actual}, pinned is ${expected}`;
}

/** Takes the missing files that `source` has. Returns those that are still missing. */
async function takeFrom(
  source: Source,
  missing: readonly Architecture[],
  files: PinnedFiles,
  folder: string,
  log: (line: string) => void,
): Promise<Architecture[]> {
  let found: Map<Architecture, Uint8Array<ArrayBuffer>>;
  try {
    found = await source.read(missing);
  } catch (error) {
    if (!(error instanceof SourceError || error instanceof ArchiveError)) throw error;
    log(`Cannot use ${source.description}: ${error.message}`);
    return [...missing];
  }
  const refused: Architecture[] = [];
  for (const [architecture, bytes] of found) {
    const wrong = whyWrong(await sha256Hex(bytes), files[architecture].sha256);
    if (wrong === undefined) {
      await writeWhole(join(folder, vendoredName(architecture)), bytes);
      log(`${vendoredName(architecture)}: taken from ${source.description}, SHA-256 verified`);
    } else {
      log(`${vendoredName(architecture)}: refused from ${source.description}, ${wrong}`);
      refused.push(architecture);
    }
  }
  return refused;
}

/**
 * Writes the file under a temporary name and renames it, so that an incomplete file never has the final name. The
 * temporary file is in the same folder, because a rename works only within one volume.
 */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    await Deno.writeFile(part, bytes, { createNew: true });
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw error;
  }
}

async function readEach(
  wanted: readonly Architecture[],
  read: (architecture: Architecture) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Map<Architecture, Uint8Array<ArrayBuffer>>> {
  const found = new Map<Architecture, Uint8Array<ArrayBuffer>>();
  for (const architecture of wanted) found.set(architecture, await read(architecture));
  return found;
}

async function npmPack(
  specifier: string,
  folder: string,
  timeoutMs: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
  const signal = AbortSignal.timeout(timeoutMs);
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(npm, {
      args: ["pack", "--silent", "--ignore-scripts", `--pack-destination=${folder}`, specifier],
      cwd: folder,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal,
    }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new SourceError("npm is not installed");
    throw error;
  }
  if (signal.aborted) throw new SourceError(`npm pack did not end in ${timeoutMs / 1000} s`);
  if (!output.success) {
    const lastLine = new TextDecoder().decode(output.stderr).trim().split("\n").at(-1);
    throw new SourceError(`npm pack ended with ${output.code}${lastLine ? `: ${lastLine}` : ""}`);
  }
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.endsWith(".tgz")) return await Deno.readFile(join(folder, entry.name));
  }
  throw new SourceError("npm pack left no archive");
}

/** Returns the SHA-256 of `bytes` as lower-case hexadecimal digits. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (import.meta.main) {
  const { official, npm } = release.sources;
  const folder = fromFileUrl(new URL("wintun/", import.meta.url));
  const sources = [zipSource(official.url, official.paths), npmSource(npm.package, npm.paths)];
  const done = await vendor(release.files, folder, sources, (line) => console.log(line));
  Deno.exit(done ? 0 : 1);
}
