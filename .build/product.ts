/** The facts about the program that the build uses, in one place. The version comes only from deno.json. */
import project from "../deno.json" with { type: "json" };

export const VERSION: string = project.version;
export const NAME = "wintun";
export const DESCRIPTION = "Make, serve and remove Wintun network adapters from the command line";
export const AUTHORS = "the wintun command line authors";
export const LICENSE: string = project.license;

/** The processor architectures that the build supports. */
export type Architecture = "x64" | "arm64";

/** The names of each architecture in other tools. */
export const ARCHITECTURES: Readonly<
  Record<
    Architecture,
    { readonly denoTarget: string; readonly wintun: "amd64" | "arm64"; readonly scoop: string }
  >
> = {
  x64: { denoTarget: "x86_64-pc-windows-msvc", wintun: "amd64", scoop: "64bit" },
  arm64: { denoTarget: "aarch64-pc-windows-msvc", wintun: "arm64", scoop: "arm64" },
};

/** Returns the name of the release files for `architecture`, without extension. */
export function packageName(architecture: Architecture): string {
  return `${NAME}-${VERSION}-windows-${architecture}`;
}
