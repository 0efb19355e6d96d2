/** Large files that tests need, kept in a cache outside the tree. */
import { dirname, join } from "@std/path";

/** Returns the path of the executable file `name` in the cache. If it is not there, it gets the bytes of `make`. */
export async function cached(
  name: string,
  make: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const path = join(cacheFolder(), name);
  if (await Deno.stat(path).then(() => true, () => false)) return path;
  const bytes = await make();
  await Deno.mkdir(dirname(path), { recursive: true });
  // Written under another name, then renamed: it is there whole or not at all.
  const partial = `${path}.${Deno.pid}`;
  await Deno.writeFile(partial, bytes, { mode: 0o755 });
  await Deno.rename(partial, path);
  return path;
}

function cacheFolder(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/root", ".cache");
  return join(home, "wintun-build-test");
}
