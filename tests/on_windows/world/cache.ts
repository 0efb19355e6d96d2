/**
 * The cache for everything that is expensive to build for the Windows world. It is outside the source tree, and all
 * checkouts of one user share it.
 */

import { join } from "@std/path";
import { must } from "./debian.ts";

/** Returns the folder of everything that outlives a run. `WINTUN_WINE_CACHE` overrides it. */
export function cacheFolder(): string {
  const chosen = Deno.env.get("WINTUN_WINE_CACHE");
  if (chosen) return chosen;
  const home = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/root", ".cache");
  return join(home, "wintun-wine");
}

/** Holds an exclusive lock on `name` in the cache while `work` runs. Other processes wait for it. */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  await Deno.mkdir(cacheFolder(), { recursive: true });
  using file = await Deno.open(join(cacheFolder(), `${name}.lock`), { create: true, write: true });
  await file.lock(true);
  return await work();
}

/**
 * Returns the folder `name` of the cache. If it is missing, incomplete or was built with another `key`, `make` builds
 * it again. `make` receives an empty folder, which replaces the old one only after `make` has succeeded.
 */
export async function cached(
  name: string,
  key: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  const stamp = join(folder, ".complete");
  return await locked(name, async () => {
    const made = await Deno.readTextFile(stamp).catch(() => "");
    if (made === key) return folder;
    const partial = `${folder}.partial`;
    await remove(partial);
    await Deno.mkdir(partial, { recursive: true });
    await make(partial);
    await Deno.writeTextFile(join(partial, ".complete"), key);
    await remove(folder);
    await Deno.rename(partial, folder);
    return folder;
  });
}

async function remove(folder: string): Promise<void> {
  const mounts = await Deno.readTextFile("/proc/self/mounts").catch(() => "");
  const inside = mounts.split("\n").find((line) => line.split(" ")[1]?.startsWith(`${folder}/`));
  // A deletion through a mount would delete the mounted files, such as those of /dev.
  if (inside) throw new Error(`Cannot delete ${folder}: ${inside.split(" ")[1]} is still mounted.`);
  await must("rm", ["-rf", "--one-file-system", folder]);
}
