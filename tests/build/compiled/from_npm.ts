/** Single files of npm packages, without what those depend on. */
import { basename, join } from "@std/path";
import { readTgzFile } from "../../../vendor/archive.ts";
import { run } from "../../e2e/network_namespace.ts";
import { cached } from "./cached.ts";

const MAX_BYTES = 64 * 1024 * 1024;

/** Returns the path of the file `member` of the npm package `specifier`, in the cache. */
export async function fileFromNpm(specifier: string, member: string): Promise<string> {
  return await cached(join(specifier.replace(/[@/]+/g, "-"), basename(member)), async () => {
    const folder = await Deno.makeTempDir({ prefix: "wintun-test-" });
    try {
      await run("npm", ["pack", "--silent", "--ignore-scripts", `--pack-destination=${folder}`, specifier]);
      const [archive] = Array.from(Deno.readDirSync(folder), ({ name }) => join(folder, name));
      return await readTgzFile(await Deno.readFile(archive), member, MAX_BYTES);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
