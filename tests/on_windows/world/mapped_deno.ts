/**
 * deno.exe in a form that Wine maps. Of the published one, whose sections begin between pages of the file, Wine copies 90 MB for
 * every process, which takes longer than everything else until the first statement.
 */

import { join } from "@std/path";
// @ts-types="../../../.build/resedit.d.ts"
import { NtExecutable } from "resedit";
import { alignToPages } from "../../../.build/page_alignment.ts";
import { baseKey, inside } from "./base.ts";
import { cached } from "./cache.ts";

const NAME = "deno.exe";

/** Returns the path of deno.exe with sections on pages of the file. It has the code of the one in the base. */
export async function ensureMappedDeno(base: string): Promise<string> {
  const folder = await cached("deno", baseKey, async (folder) => {
    const image = NtExecutable.from(await Deno.readFile(join(base, inside.deno)), { ignoreCert: true });
    alignToPages(image);
    await Deno.writeFile(join(folder, NAME), new Uint8Array(image.generate()), { mode: 0o644 });
  });
  return join(folder, NAME);
}
