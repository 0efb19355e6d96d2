/**
 * Bundles the program: the main module and each worker become one file of JavaScript, with a source map beside it. A
 * program of few files starts much faster than one of two hundred.
 */
import { basename, dirname, join } from "@std/path";
import { BuildError, deno } from "./deno.ts";

/** The modules that are started as workers, relative to the project. No import names them. */
export const WORKERS = ["src/echo/worker.ts", "src/wintun/logger_worker.ts"] as const;

/**
 * Where the bundles lie below the root of what is compiled. URLs that the sources make from `import.meta.url` hold there
 * too: all bundles are in one folder, as each worker is in the folder of the module that starts it, and that folder is as
 * deep as those of the modules that name a file in vendor/.
 */
const FOLDER = "src/bundle";

/** The bundled program in a temporary folder, which is deleted with it. */
export class Bundle implements AsyncDisposable {
  /** The root of what is compiled. */
  readonly root: string;
  /** The file that begins the program, relative to `root`. */
  readonly main: string;
  /** The other files that belong to the program, relative to `root`: the workers and the source maps. */
  readonly others: readonly string[];
  /** The files that the program was made of, as the source maps name them. */
  readonly sources: readonly string[];
  readonly #folder: string;

  private constructor(folder: string, root: string, bundled: readonly Bundled[]) {
    this.#folder = folder;
    this.root = root;
    this.main = bundled[0].path;
    this.others = bundled.flatMap(({ path }, index) => index === 0 ? [`${path}.map`] : [path, `${path}.map`]);
    this.sources = [...new Set(bundled.flatMap(({ sources }) => sources))];
  }

  /**
   * Bundles the project in `project`, beginning with the module `entry` (relative to it). The same sources give the same
   * bytes wherever they lie: they are copied first, together with a cache of their own, as the source maps name all files
   * relative to each other.
   *
   * @throws {BuildError} with Deno's own words
   */
  static async make(project: string, entry: string): Promise<Bundle> {
    const folder = await Deno.makeTempDir({ prefix: "wintun-build-" });
    try {
      const source = join(folder, "source");
      for (const path of new Set(["src", "vendor", "deno.json", "deno.lock", entry.split("/")[0]])) {
        await copy(join(project, path), join(source, path));
      }
      const cache = await makeCache(folder);
      const bundled: Bundled[] = [];
      for (const path of [entry, ...WORKERS]) bundled.push(await bundleOne(source, path, cache));
      await nameWorkers(join(source, bundled[0].path));
      const root = join(folder, "program");
      await Deno.mkdir(join(root, dirname(FOLDER)), { recursive: true });
      await Deno.rename(join(source, FOLDER), join(root, FOLDER));
      return new Bundle(folder, root, bundled);
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
  /** Relative to the project and to the root of what is compiled. */
  readonly path: string;
  readonly sources: readonly string[];
}

async function bundleOne(source: string, entry: string, cache: string): Promise<Bundled> {
  const path = `${FOLDER}/${basename(entry, ".ts")}.js`;
  const args = ["bundle", "--quiet", "--platform=deno", "--minify", "--sourcemap=linked", `--output=${path}`];
  // Deno 2.4 would write the lock in another way. What it pins is pinned all the same, and this is a copy.
  const { success, stderr } = await deno([...args, "--frozen=false", entry], source, { DENO_DIR: cache });
  if (!success) throw new BuildError(`Cannot bundle ${entry}: ${stderr.trim()}`);
  return { path, sources: await leaveOutContents(join(source, `${path}.map`)) };
}

/** Takes the texts of the sources out of a source map, for which stack traces have no use, and returns the sources' names. */
async function leaveOutContents(path: string): Promise<string[]> {
  const { sourcesContent: _, ...map } = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify(map));
  return map.sources;
}

/** The bundler leaves the names of the workers' sources in `new Worker(new URL("./worker.ts", import.meta.url))`. */
async function nameWorkers(path: string): Promise<void> {
  let text = await Deno.readTextFile(path);
  for (const worker of WORKERS) {
    const name = basename(worker, ".ts");
    const parts = text.split(`"./${name}.ts"`);
    if (parts.length > 2) throw new BuildError(`${name}.ts is named ${parts.length - 1} times in ${path}`);
    text = parts.join(`"./${name}.js"`);
  }
  await Deno.writeTextFile(path, text);
}

/** Makes a cache folder for Deno. What Deno brings with it, its bundler, is large and shared with the user's cache. */
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
