/** The workers of the program. `deno compile` does not find them by itself, because no import names them. */
import { join } from "@std/path";

/** A module that is started as a worker. */
export interface WorkerModule {
  /** Relative to the project: `src/echo/worker.ts`. */
  readonly path: string;
  /** The module that starts it. */
  readonly user: string;
}

const NAME = /(new Worker\(\s*)?new URL\(\s*"([^"]+\.ts)",\s*import\.meta\.url,?\s*\)/g;

/**
 * Finds them by the form in which the sources name them, `new Worker(new URL("./name.ts", import.meta.url))`.
 * @throws {Error} where a module is named in that way but not started
 */
export function workerModules(project: string): WorkerModule[] {
  const found: WorkerModule[] = [];
  for (const user of sources(project, "src")) {
    for (const [, use, name] of Deno.readTextFileSync(join(project, user)).matchAll(NAME)) {
      if (use === undefined) throw new Error(`${user}: ${name} is named, and not started`);
      const path = new URL(name, `file:///${user}`).pathname.slice(1);
      found.push({ path, user });
    }
  }
  return found;
}

/** The paths of all, each once, in the same order everywhere. */
export function workerPaths(project: string): string[] {
  return [...new Set(workerModules(project).map(({ path }) => path))].sort();
}

/** The paths of the modules in a folder and below it, relative to the project. */
export function sources(project: string, folder: string): string[] {
  return [...Deno.readDirSync(join(project, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return sources(project, path);
    return name.endsWith(".ts") ? [path] : [];
  });
}
