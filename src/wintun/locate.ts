import { programFolder } from "../windows/program_folder.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import { type EmbeddedDll, extractDll } from "./extract.ts";
import { PINNED_RELEASES } from "./releases.ts";
import { LibraryRefusedError, thisArchitecture, trustDll, type TrustedDll } from "./trust.ts";

/** The DLL that the user names. */
export interface ChosenDll {
  /** Absolute. */
  readonly path: string;
  /** Loaded even if it is neither a known release nor signed by WireGuard LLC (`--trust-dll`). */
  readonly isTrusted: boolean;
}

/** Where to look for wintun.dll, in this order. */
export interface WintunPlaces {
  /** If there is one, nothing else is looked at. */
  readonly chosen?: ChosenDll | undefined;
  /** Absolute paths; the first that is there is taken, or refused. */
  readonly beside: readonly string[];
  readonly embedded?: EmbeddedDll | undefined;
}

/**
 * Finds the wintun.dll to load, and makes sure that it can be trusted. The result is to be closed when it is loaded.
 *
 * A file that is there and not good is refused, not passed over: whoever put it there should know, and nobody can have
 * another DLL loaded by spoiling one.
 *
 * @throws {LibraryRefusedError}
 */
export async function locateWintun(
  libraries: SystemLibraries,
  places: WintunPlaces,
): Promise<TrustedDll> {
  const { chosen, beside, embedded } = places;
  if (chosen !== undefined) return await trustDll(libraries, chosen.path, { isAskedFor: chosen.isTrusted });
  let elsewhere: LibraryRefusedError | undefined;
  for (const path of beside) {
    try {
      return await trustDll(libraries, path);
    } catch (error) {
      if (!(error instanceof LibraryRefusedError) || error.refusal === "bad") throw error;
      // The neighbours of a program that was started from a network folder are on the network too.
      if (error.refusal === "elsewhere") elsewhere ??= error;
    }
  }
  if (embedded !== undefined) return await trustDll(libraries, extractDll(libraries, embedded));
  throw elsewhere ?? new LibraryRefusedError(
    beside.join(" and "),
    "there is no such file",
    "Put the signed wintun.dll from wintun.net beside this program, or name it with --dll.",
    { refusal: "missing" },
  );
}

/**
 * Where this program looks: `chosen`; beside the executable, and where `deno task vendor` brings it if this runs from
 * source; what is inside the executable. Reads nothing yet.
 */
export function wintunPlaces(libraries: SystemLibraries, chosen: ChosenDll | undefined): WintunPlaces {
  const executable = Deno.execPath();
  const besideExecutable = `${executable.slice(0, executable.lastIndexOf("\\"))}\\wintun.dll`;
  const architecture = thisArchitecture(besideExecutable);
  const vendored = new URL(`../../vendor/wintun/wintun-${architecture}.dll`, import.meta.url);
  if (!Deno.build.standalone) return { chosen, beside: [besideExecutable, windowsPath(vendored)] };
  const release = PINNED_RELEASES.find((one) => one.architecture === architecture)!;
  return {
    chosen,
    beside: [besideExecutable],
    embedded: {
      name: `wintun-${release.version}-${architecture}.dll`,
      get folder(): string {
        return programFolder(libraries);
      },
      read: () => Deno.readFileSync(vendored),
    },
  };
}

function windowsPath(url: URL): string {
  return decodeURIComponent(url.pathname).slice(1).replaceAll("/", "\\");
}
