import { programFolder } from "../windows/program_folder.ts";
import type { SystemLibraries } from "../windows/system_libraries.ts";
import { ERROR_SHARING_VIOLATION, Win32Error } from "../windows/win32_error.ts";
import { type EmbeddedDll, extractDll } from "./extract.ts";
import { PINNED_RELEASES } from "./releases.ts";
import { LibraryRefusedError, thisArchitecture, trustDll, type TrustedDll } from "./trust.ts";

/** A DLL that the user chose. */
export interface ChosenDll {
  /** An absolute path. */
  readonly path: string;
  /** Whether to load it even if it is neither a known release nor signed by WireGuard LLC (`--trust-dll`). */
  readonly isTrusted: boolean;
}

/** How long another process of this program may take to put the extracted DLL in its place, and the time between two tries. */
const IN_USE_MS = 2_000;
const IN_USE_PAUSE_MS = 20;

/** The places to look for wintun.dll, in this order. */
export interface WintunPlaces {
  /** If it is set, the other places are ignored. */
  readonly chosen?: ChosenDll | undefined;
  /** Absolute paths. The first existing file is used or refused. */
  readonly beside: readonly string[];
  readonly embedded?: EmbeddedDll | undefined;
}

/**
 * Finds the wintun.dll to load and verifies it. The caller closes the result after loading the DLL.
 *
 * An existing but bad file is refused, and the search does not continue. The person who put it there should know, and
 * nobody should be able to have another DLL loaded by damaging this one.
 *
 * @throws {LibraryRefusedError} if no file is found, or the file is refused.
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
      // If the program was started from a network folder, the files beside it are on the network too.
      if (error.refusal === "elsewhere") elsewhere ??= error;
    }
  }
  if (embedded !== undefined) return await trustExtracted(libraries, embedded);
  throw elsewhere ?? new LibraryRefusedError(
    beside.join(" and "),
    "there is no such file",
    "Put the signed wintun.dll from wintun.net beside this program, or name it with --dll.",
    { refusal: "missing" },
  );
}

/**
 * Extracts and verifies the embedded DLL. Waits while another process has the file open in a way that lets nobody hold it: when
 * several processes start at once, one of them may be putting the same file there.
 */
async function trustExtracted(libraries: SystemLibraries, embedded: EmbeddedDll): Promise<TrustedDll> {
  for (const end = performance.now() + IN_USE_MS;;) {
    try {
      return await trustDll(libraries, extractDll(libraries, embedded));
    } catch (error) {
      if (!isInUse(error) || performance.now() >= end) throw error;
      await new Promise((wake) => setTimeout(wake, IN_USE_PAUSE_MS));
    }
  }
}

function isInUse(error: unknown): boolean {
  const cause = error instanceof LibraryRefusedError ? error.cause : undefined;
  return cause instanceof Win32Error && cause.code === ERROR_SHARING_VIOLATION;
}

/**
 * Returns the places where this program looks: `chosen`; beside the executable; when it runs from source, the folder
 * that `deno task vendor` fills; and the DLL inside the executable. Reads no file yet.
 * @throws {LibraryRefusedError} if there is no wintun.dll for this processor.
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
