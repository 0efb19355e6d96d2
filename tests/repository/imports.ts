/** The imports between the files of a folder, and what is wrong with them. */

/** Each file, by its path below the folder that was read (`cli/host.ts`), with the files that it imports. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** What lies in `src/`, from the lowest floor: a file imports from its own floor and from those below. */
export const FLOORS = ["wire", "windows", "wintun", "tun", "echo", "keeper", "cli", "main.ts"];

// Comments may name files too. They begin a line here, as a string like "**/*.ts" is no beginning of one.
const COMMENT = /^[ \t]*(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm;
// All forms of an import name the file in quotes, so one expression finds them all.
const SPECIFIER = /(["'`])(\.{1,2}\/[^"'`\n]*\.ts)\1/g;

/**
 * Reads the imports of all TypeScript files in a folder and below it.
 *
 * @param root the URL of the folder, with a slash at its end.
 */
export function readImports(root: URL): Imports {
  const imports = new Map<string, readonly string[]>();
  const readFolder = (folder: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, root))) {
      const path = folder + name;
      if (isDirectory) readFolder(`${path}/`);
      else if (name.endsWith(".ts")) {
        imports.set(path, importsOf(path, Deno.readTextFileSync(new URL(path, root))));
      }
    }
  };
  readFolder("");
  return imports;
}

/**
 * The files that the file at `path` imports: with `import`, `export … from`, as types, with `import()`, or as the URL
 * of a worker. A file outside the folder is one that is not there.
 */
export function importsOf(path: string, text: string): string[] {
  const root = "file:///outside/outside/outside/root/";
  const specifiers = Array.from(
    text.replaceAll(COMMENT, "").matchAll(SPECIFIER),
    ([, , specifier]) => specifier,
  );
  const urls = specifiers.map((specifier) => new URL(specifier, root + path).href);
  return [...new Set(urls.map((url) => url.startsWith(root) ? url.slice(root.length) : url))];
}

/** Says what is wrong with the imports, a sentence for each fault. An empty list means that nothing is. */
export function importFaults(imports: Imports): string[] {
  return [
    ...missingFiles(imports),
    ...importsUp(imports),
    ...fileCircles(imports),
    ...folderCircles(imports),
  ];
}

/** Imports of files that are not in the folder. */
function missingFiles(imports: Imports): string[] {
  return pairs(imports)
    .filter(([, imported]) => !imports.has(imported))
    .map(([file, imported]) => `${file} imports ${imported}, which is not there`);
}

/** Imports from a higher floor, and files that lie on none. */
function importsUp(imports: Imports): string[] {
  const floor = (path: string): number => FLOORS.indexOf(path.split("/")[0]);
  const lost = [...imports.keys()].filter((file) => floor(file) === -1).map((file) =>
    `${file} lies on no floor`
  );
  const up = pairs(imports)
    .filter(([file, imported]) => floor(imported) > floor(file))
    .map(([file, imported]) => `${file} imports ${imported} from a higher floor`);
  return [...lost, ...up];
}

/** Circles of files. */
function fileCircles(imports: Imports): string[] {
  return circles(imports).map((circle) => `files form a circle: ${[...circle, circle[0]].join(" -> ")}`);
}

/**
 * Circles of folders with the same parent, on every level. Where a file of one folder imports a file of another, the
 * import counts for the two folders in which their paths part; a folder and its own subfolder do not part.
 */
function folderCircles(imports: Imports): string[] {
  const edges = new Map<string, string[]>();
  const examples = new Map<string, string>();
  for (const [file, imported] of pairs(imports)) {
    const [from, to] = partingFolders(file, imported) ?? [];
    if (from === undefined || to === undefined || examples.has(`${from} ${to}`)) continue;
    edges.set(from, [...edges.get(from) ?? [], to]);
    examples.set(`${from} ${to}`, `${file} -> ${imported}`);
  }
  return circles(edges).map((circle) => {
    const steps = circle.map((folder, step) =>
      examples.get(`${folder} ${circle[(step + 1) % circle.length]}`)
    );
    return `folders form a circle: ${[...circle, circle[0]].join(" -> ")} (${steps.join(", ")})`;
  });
}

/** The sibling folders that hold the two files, or undefined where a file lies directly in the folder of both. */
function partingFolders(one: string, other: string): [string, string] | undefined {
  const [ones, others] = [one.split("/"), other.split("/")];
  const parting = ones.findIndex((part, level) => part !== others[level]);
  if (parting === -1 || parting >= ones.length - 1 || parting >= others.length - 1) return undefined;
  return [ones.slice(0, parting + 1).join("/"), others.slice(0, parting + 1).join("/")];
}

function pairs(imports: Imports): (readonly [string, string])[] {
  return [...imports].flatMap(([file, imported]) => imported.map((one) => [file, one] as const));
}

/** For every node that lies on a circle the shortest one through it; each circle once, from its first name on. */
function circles(edges: Imports): string[][] {
  const found = new Map<string, string[]>();
  for (const node of edges.keys()) {
    const circle = shortestCircle(edges, node);
    if (circle === undefined) continue;
    const first = circle.indexOf(circle.toSorted()[0]);
    const turned = [...circle.slice(first), ...circle.slice(0, first)];
    found.set(turned.join(" "), turned);
  }
  return [...found.values()];
}

/** The nodes of the shortest way from `start` back to it, by a search in breadth. */
function shortestCircle(edges: Imports, start: string): string[] | undefined {
  const seen = new Set<string>();
  let ways = [[start]];
  while (ways.length > 0) {
    const longer: string[][] = [];
    for (const way of ways) {
      for (const next of edges.get(way[way.length - 1]) ?? []) {
        if (next === start) return way;
        if (!seen.has(next)) longer.push([...way, next]);
        seen.add(next);
      }
    }
    ways = longer;
  }
  return undefined;
}
