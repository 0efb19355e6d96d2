/** The modules of the program that `deno compile` does not find by itself, because no import names them in plain text. */
import { join } from "@std/path";

/** A module that is started as a worker, or imported when it is needed. */
export interface LateModule {
  /** Relative to the project: `src/echo/worker.ts`. */
  readonly path: string;
  /** The module that names it, and what stands around the name. */
  readonly user: string;
  readonly kind: "worker" | "import";
}

const NAME = /(new Worker\(\s*|import\(\s*)?new URL\(\s*"([^"]+\.ts)",\s*import\.meta\.url,?\s*\)/g;

/**
 * Finds them by the form in which the sources name them, `new URL("./name.ts", import.meta.url)`.
 * @throws {Error} where that form is neither a worker's nor an import's, as then nobody knows what it is for
 */
export function lateModules(project: string): LateModule[] {
  const found: LateModule[] = [];
  for (const user of sources(project, "src")) {
    for (const [, use, name] of Deno.readTextFileSync(join(project, user)).matchAll(NAME)) {
      if (use === undefined) throw new Error(`${user}: ${name} is named, and neither imported nor started`);
      const path = new URL(name, `file:///${user}`).pathname.slice(1);
      found.push({ path, user, kind: use.startsWith("import") ? "import" : "worker" });
    }
  }
  return found;
}

/** The paths of all, each once, in the same order everywhere. */
export function lateModulePaths(project: string): string[] {
  return [...new Set(lateModules(project).map(({ path }) => path))].sort();
}

/** The paths of the modules in a folder and below it, relative to the project. */
export function sources(project: string, folder: string): string[] {
  return [...Deno.readDirSync(join(project, folder))].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return sources(project, path);
    return name.endsWith(".ts") ? [path] : [];
  });
}
