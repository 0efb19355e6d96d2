/** Builds the C parts of the Windows world, once for each state of their sources. */

import { fromFileUrl, join } from "@std/path";
import { cached } from "./cache.ts";
import { must } from "./debian.ts";

/** The repository's root folder. */
export const checkout = fromFileUrl(new URL("../../../", import.meta.url)).replace(/\/$/, "");

interface Part {
  compiler: "cc" | "x86_64-w64-mingw32-gcc";
  /** Paths from the repository's root: folders of headers and the files to compile. */
  headers: string[];
  sources: string[];
  flags: string[];
}

const warnings = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"];

/** Every part by the name of the file it becomes. */
const parts: Record<string, Part> = {
  machine: {
    compiler: "cc",
    headers: ["tests/windows/machine"],
    sources: ["tests/windows/machine/machine.c", "tests/windows/machine/adapters.c"],
    flags: [],
  },
};

/** Returns the folder that holds all parts, built from the sources as they are now. */
export async function buildParts(): Promise<string> {
  const key = JSON.stringify([parts, await digestSources()]);
  return await cached("parts", key, async (folder) => {
    for (const [name, { compiler, headers, sources, flags }] of Object.entries(parts)) {
      const includes = headers.map((folder) => `-I${join(checkout, folder)}`);
      const files = sources.map((source) => join(checkout, source));
      await must(compiler, [...warnings, ...includes, "-o", join(folder, name), ...files, ...flags]);
    }
  });
}

async function digestSources(): Promise<string> {
  const folders = new Set(Object.values(parts).flatMap(({ headers }) => headers));
  const files: string[] = [];
  for (const folder of folders) {
    for await (const { name, isFile } of Deno.readDir(join(checkout, folder))) {
      if (isFile && /\.(c|h|def|rc)$/.test(name)) files.push(join(checkout, folder, name));
    }
  }
  const texts = await Promise.all(
    files.sort().map(async (file) => `${file}\n${await Deno.readTextFile(file)}`),
  );
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(texts.join("\0")));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
