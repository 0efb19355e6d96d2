/** What the build says about the program, in one place. The version comes from deno.json, and from nowhere else. */
import project from "../deno.json" with { type: "json" };

export const VERSION: string = project.version;
export const NAME = "wintun";
export const DESCRIPTION = "Make, serve and remove Wintun network adapters from the command line";
export const AUTHORS = "the wintun command line authors";
export const LICENSE: string = project.license;

export type Architecture = "x64" | "arm64";

/** What each architecture is called by those who have a word of their own for it. */
export const ARCHITECTURES: Readonly<
  Record<
    Architecture,
    { readonly denoTarget: string; readonly wintun: "amd64" | "arm64"; readonly scoop: string }
  >
> = {
  x64: { denoTarget: "x86_64-pc-windows-msvc", wintun: "amd64", scoop: "64bit" },
  arm64: { denoTarget: "aarch64-pc-windows-msvc", wintun: "arm64", scoop: "arm64" },
};

/** The file name, without its ending, of what is built for `architecture`. */
export function packageName(architecture: Architecture): string {
  return `${NAME}-${VERSION}-windows-${architecture}`;
}
