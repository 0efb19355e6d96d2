/** Single files of npm packages, without what those depend on. Kept in a cache outside the tree, as they are large. */
import { basename, dirname, join } from "@std/path";
import { run } from "../../e2e/network_namespace.ts";

/** Returns the path of the file `member` of the npm package `specifier`, in the cache. */
export async function fileFromNpm(specifier: string, member: string): Promise<string> {
  const cached = join(cacheFolder(), specifier.replace(/[@/]+/g, "-"), basename(member));
  if (await Deno.stat(cached).then(() => true, () => false)) return cached;
  const folder = await Deno.makeTempDir({ prefix: "wintun-test-" });
  try {
    await run("npm", ["pack", "--silent", "--ignore-scripts", `--pack-destination=${folder}`, specifier]);
    const [archive] = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    await run("tar", ["-xzf", join(folder, archive), "-C", folder, member]);
    await Deno.mkdir(dirname(cached), { recursive: true });
    // The cache may be on another volume: copied under another name, then renamed, it is there whole or not at all.
    const partial = `${cached}.${Deno.pid}`;
    await Deno.copyFile(join(folder, member), partial);
    await Deno.chmod(partial, 0o755);
    await Deno.rename(partial, cached);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return cached;
}

function cacheFolder(): string {
  const home = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "/root", ".cache");
  return join(home, "wintun-build-test");
}
