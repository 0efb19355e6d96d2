/**
 * Base binaries for `deno compile` from npm, where Deno's own server is out of reach: packages that carry a Deno. Kept in
 * a cache outside the tree, as they are large.
 */
import { basename, dirname, join } from "@std/path";
import { WINDOWS_PACKAGE } from "../../deno_versions.ts";
import { run } from "../../e2e/network_namespace.ts";

/** The version of Deno that made `linuxBaseBinary()`; only that one can use it. */
export const LINUX_BASE_VERSION = "2.4.2";

/** An executable made by `deno compile` of Deno 2.4.2 on Linux, x86-64. What it was made from is replaced. */
export function linuxBaseBinary(): Promise<string> {
  return fromNpm("@vltpkg/cli-linux-x64@0.0.0-18", "package/vlt");
}

/** Deno itself for Windows, x86-64: takes everything that is embedded, but runs as Deno and not as the program. */
export function windowsBaseBinary(): Promise<string> {
  return fromNpm(WINDOWS_PACKAGE, "package/deno.exe");
}

/** Returns the path of the file `member` of an npm package. */
async function fromNpm(specifier: string, member: string): Promise<string> {
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
