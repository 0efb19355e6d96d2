/** The finished executable in a world: the archive that `deno task build` makes, unpacked as a user does. */

import { dirname, join } from "@std/path";
import { packageName } from "../../../.build/product.ts";
import { sha256Hex } from "../../../vendor/fetch.ts";
import { windowsBaseBinary } from "../../build/compiled/base_binaries.ts";
import { compilingDeno } from "../../build/compiled/compiling_deno.ts";
import { COMPILING_DENO_VERSION } from "../../deno_versions.ts";
import { programFolder } from "./command_line.ts";
import { must } from "./debian.ts";
import type { World } from "./world.ts";

/** The name of the archive. */
export const ARCHIVE = `${packageName("x64")}.zip`;

/** The archive's path in a world, for Linux processes there. */
export const archivePath = `/world/${ARCHIVE}`;

/** Builds the archive in `folder`, and returns its path. `say` receives what it is made of. */
export async function buildArchive(folder: string, say: (line: string) => void): Promise<string> {
  const base = await windowsBaseBinary();
  const output = join(folder, "dist");
  const built = await compilingDeno(["task", "build", "--arch", "x64", "--output", output], base);
  if (built.code !== 0) throw new Error(`The executable was not built:\n${built.output}`);
  say(`base binary of Deno ${COMPILING_DENO_VERSION}: SHA-256 ${await sha256Hex(await Deno.readFile(base))}`);
  for (const line of built.output.split("\n").filter((line) => line.includes(" bytes, SHA-256 "))) say(line);
  return join(output, ARCHIVE);
}

/** Puts the archive and what lies beside it under SHA256SUMS into the world, and unpacks it. */
export async function install(world: World, archive: string): Promise<void> {
  await Deno.copyFile(archive, world.file(archivePath));
  await Deno.copyFile(join(dirname(archive), "SHA256SUMS"), world.file("/world/SHA256SUMS"));
  await must("unzip", ["-q", world.file(archivePath), "-d", world.file(linuxPath(programFolder))]);
}

/** Returns the path of a file on drive C for Linux processes in a world. */
export function linuxPath(windows: string): string {
  if (!/^C:\\/i.test(windows)) throw new Error(`${windows} is not on drive C`);
  return `/prefix/drive_c/${windows.slice(3).replaceAll("\\", "/")}`;
}
