/** The wintun.dll that this program ships and trusts by its bytes, as pinned in vendor/wintun/release.json. */

import release from "../../vendor/wintun/release.json" with { type: "json" };

/** The processors that Wintun is used on here, in the words of its own archive. */
export type WintunArchitecture = keyof typeof release.files;

export interface WintunRelease {
  /** As WireGuard LLC numbers it: `0.14.1`. */
  readonly version: string;
  readonly architecture: WintunArchitecture;
  /** Lower case hexadecimal digits. */
  readonly sha256: string;
}

/** The subject name of the certificate that Wintun is signed with. */
export const WINTUN_SIGNER: string = release.signer;

export const PINNED_RELEASES: readonly WintunRelease[] = [
  { version: release.version, architecture: "amd64", ...release.files.amd64 },
  { version: release.version, architecture: "arm64", ...release.files.arm64 },
];

/**
 * Returns the pinned release whose file has the SHA-256 `sha256` (64 hexadecimal digits, either case) and is made for
 * `architecture`; `undefined` for every other file, which then has its signature to speak for it.
 */
export function findRelease(sha256: string, architecture: WintunArchitecture): WintunRelease | undefined {
  const wanted = sha256.toLowerCase();
  return PINNED_RELEASES.find((one) => one.sha256 === wanted && one.architecture === architecture);
}

/** The generations of wintun.dll that differ in what they export. Before 0.9 there was no DLL to call. */
export type WintunGeneration = "0.9 to 0.13" | "0.14";

/**
 * Tells by its export names which generation a wintun.dll belongs to; `undefined` for what is no wintun.dll at all.
 *
 * Up to 0.13 an adapter outlived its handle, which was freed; since 0.14 closing the handle removes the adapter. Each
 * generation has a function of its own for that.
 */
export function wintunGeneration(exportNames: readonly string[]): WintunGeneration | undefined {
  if (exportNames.includes("WintunCloseAdapter")) return "0.14";
  if (exportNames.includes("WintunFreeAdapter")) return "0.9 to 0.13";
  return undefined;
}
