/**
 * Bundles the program: the main module and each worker become one JavaScript file, with a source map beside it. A
 * program of a few files starts much faster than one of two hundred. What the main module imports only while it runs is
 * in a file of its own, and so is what both of these files use.
 */
import { basename, dirname, join } from "@std/path";
import { BuildError, deno } from "./deno.ts";

/** The modules that are started as workers, relative to the project. No import statement refers to them. */
export const WORKERS = [
  "src/echo/worker.ts",
  "src/keeper/keeper_worker.ts",
  "src/windows/console_control_worker.ts",
  "src/windows/network/ping_worker.ts",
  "src/windows/services/service_start_worker.ts",
  "src/wintun/creation_worker.ts",
  "src/wintun/logger_worker.ts",
] as const;

/**
 * The folder of the bundles, below the root of the compiled program. URLs that the sources build from `import.meta.url`
 * stay valid there. All bundles are in one folder, as each worker is in the folder of the module that starts it. The
 * folder is also as deep as the folders of the modules that refer to a file in vendor/.
 */
const FOLDER = "src/bundle";

/** The folder of the schemas, which the program reads as files. */
const SCHEMAS = "src/schemas";

/** The folder of npm packages in the names of sources, as NPM_FOLDER/NAME/VERSION/FILE. */
export const NPM_FOLDER = "npm/";
/** That folder as the bundler names it: in Deno's cache, by the registry, which differs from machine to machine. */
const CACHED_NPM_FOLDER = /(?:\.\.\/)+deno\/npm\/[^/\s"]+\//g;

/** The folder into which the bundler writes the parts of one module. The source maps name the sources relative to it, as to `FOLDER`. */
const PARTS = "src/parts";
/** What the bundler adds to the names of parts: a hash over the contents. */
const HASH = /-[0-9A-Z]{8}(?=\.js$)/;

/** The bundled program in a temporary folder. Disposing of the bundle deletes the folder. */
export class Bundle implements AsyncDisposable {
  /** The root folder of the files to compile. */
  readonly root: string;
  /** The main file of the program, relative to `root`. */
  readonly main: string;
  /**
   * The other files of the program, relative to `root`: the workers, the other parts of the main module, the source maps,
   * and the folder of the schemas.
   */
  readonly others: readonly string[];
  /** The source files of the program, as the source maps name them. */
  readonly sources: readonly string[];
  readonly #folder: string;

  private constructor(folder: string, root: string, main: string, files: readonly Bundled[]) {
    this.#folder = folder;
    this.root = root;
    this.main = main;
    const paths = files.flatMap(({ path }) => [path, `${path}.map`]);
    this.others = [...paths.filter((path) => path !== main), SCHEMAS];
    this.sources = [...new Set(files.flatMap(({ sources }) => sources))];
  }

  /**
   * Bundles the project in the folder `project`, starting with the module `entry` (relative to it). The same sources
   * give the same bytes in any location: the source maps name all files relative to each other, so the sources and a
   * separate cache are first copied to one folder. The caller owns the bundle.
   *
   * @throws {BuildError} with Deno's message
   */
  static async make(project: string, entry: string): Promise<Bundle> {
    const folder = await Deno.makeTempDir({ prefix: "wintun-build-" });
    try {
      const source = join(folder, "source");
      for (const path of new Set(["src", "vendor", "deno.json", "deno.lock", entry.split("/")[0]])) {
        await copy(join(project, path), join(source, path));
      }
      const cache = await makeCache(folder);
      const files: Bundled[] = [];
      for (const path of [entry, ...WORKERS]) files.push(...await bundleOne(source, path, cache));
      const root = join(folder, "program");
      await Deno.mkdir(join(root, dirname(FOLDER)), { recursive: true });
      for (const path of [FOLDER, SCHEMAS]) await Deno.rename(join(source, path), join(root, path));
      return new Bundle(folder, root, bundlePath(entry), files);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

interface Bundled {
  /** Relative to the project and to the root of the compiled program. */
  readonly path: string;
  readonly sources: readonly string[];
}

/** Returns the path of the bundle of a module, relative to the project and to the root of the compiled program. */
function bundlePath(entry: string): string {
  return `${FOLDER}/${basename(entry, ".ts")}.js`;
}

/** Bundles a module. Returns its bundle and the other parts. */
async function bundleOne(source: string, entry: string, cache: string): Promise<Bundled[]> {
  // Not minified: the minifier replaces `using file = open(); file.write()` by `open().write()`, and nothing closes it.
  const options = ["--platform=deno", "--sourcemap=linked", "--code-splitting", `--outdir=${PARTS}`];
  const { success, stderr } = await deno(["bundle", "--quiet", ...options, entry], source, {
    DENO_DIR: cache,
  });
  if (!success) throw new BuildError(`Cannot bundle ${entry}: ${stderr.trim()}`);
  await Deno.mkdir(join(source, FOLDER), { recursive: true });
  const parts = [...Deno.readDirSync(join(source, PARTS))].map(({ name }) => name);
  const names = parts.filter((name) => name.endsWith(".js")).sort();
  const files: Bundled[] = [];
  for (const name of names) {
    const path = `${FOLDER}/${name.replace(HASH, "")}`;
    const text = nameWorkers(nameParts(await Deno.readTextFile(join(source, PARTS, name)), names), path);
    // Two parts must not become one file, be they of one module or of two.
    await Deno.writeTextFile(join(source, path), text, { createNew: true });
    const map = await Deno.readTextFile(join(source, PARTS, `${name}.map`));
    files.push({ path, sources: await writeMap(join(source, `${path}.map`), map) });
  }
  await Deno.remove(join(source, PARTS), { recursive: true });
  return files;
}

/**
 * Replaces the names of parts that depend on the machine: those of npm packages in comments, and those of files, which
 * have a hash over the contents.
 */
function nameParts(text: string, files: readonly string[]): string {
  text = text.replaceAll(CACHED_NPM_FOLDER, NPM_FOLDER);
  for (const name of files) text = text.replaceAll(name, name.replace(HASH, ""));
  return text;
}

/** Writes a source map without the source texts, which stack traces do not need. Returns the names of the sources. */
async function writeMap(path: string, text: string): Promise<string[]> {
  const { sourcesContent: _, ...map } = JSON.parse(text);
  const sources = map.sources.map((source: string) => source.replace(CACHED_NPM_FOLDER, NPM_FOLDER));
  await Deno.writeTextFile(path, JSON.stringify({ ...map, sources }));
  return sources;
}

/**
 * Replaces the names of the workers' sources by those of their bundles. The bundler does not change them in `new
 * Worker(new URL("./worker.ts", import.meta.url))`.
 */
function nameWorkers(text: string, path: string): string {
  for (const worker of WORKERS) {
    const name = basename(worker, ".ts");
    const parts = text.split(`"./${name}.ts"`);
    if (parts.length > 2) throw new BuildError(`${name}.ts is named ${parts.length - 1} times in ${path}`);
    text = parts.join(`"./${name}.js"`);
  }
  return text;
}

/**
 * Creates a cache folder for Deno. Deno's downloaded parts, such as its bundler, are large, so the folder shares them
 * with the user's cache.
 */
async function makeCache(folder: string): Promise<string> {
  const { success, stdout, stderr } = await deno(["info", "--json"], folder);
  if (!success) throw new BuildError(stderr.trim());
  const downloads = join(JSON.parse(stdout).denoDir, "dl");
  const cache = join(folder, "deno");
  await Deno.mkdir(downloads, { recursive: true });
  await Deno.mkdir(cache);
  await Deno.symlink(downloads, join(cache, "dl"), { type: "junction" });
  return cache;
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}
