/**
 * The releases of wintun.dll that this program ships and trusts by their SHA-256, as pinned in
 * vendor/wintun/release.json.
 */

import release from "../../vendor/wintun/release.json" with { type: "json" };

/** The processors that this program supports, named as in Wintun's archive. */
export type WintunArchitecture = keyof typeof release.files;

/** A release of Wintun for one architecture. */
export interface WintunRelease {
  /** The version number by WireGuard LLC: `0.14.1`. */
  readonly version: string;
  readonly architecture: WintunArchitecture;
  /** Lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** The subject name of the certificate that signs Wintun. */
export const WINTUN_SIGNER: string = release.signer;

/** The pinned releases, one for each architecture. */
export const PINNED_RELEASES: readonly WintunRelease[] = [
  { version: release.version, architecture: "amd64", ...release.files.amd64 },
  { version: release.version, architecture: "arm64", ...release.files.arm64 },
];

/**
 * Returns the pinned release whose file has the SHA-256 `sha256` (64 hexadecimal digits, either case) and is made for
 * `architecture`. Returns `undefined` for every other file; only its signature can then make it trusted.
 */
export function findRelease(sha256: string, architecture: WintunArchitecture): WintunRelease | undefined {
  const wanted = sha256.toLowerCase();
  return PINNED_RELEASES.find((one) => one.sha256 === wanted && one.architecture === architecture);
}

/** The generations of wintun.dll, which differ in their exports. Before 0.9 there was no DLL to call. */
export type WintunGeneration = "0.9 to 0.13" | "0.14";

/**
 * Returns the generation of a wintun.dll by its export names, or `undefined` if it is not a wintun.dll.
 *
 * Up to 0.13, closing a handle freed it and the adapter stayed. Since 0.14, closing the handle removes the adapter.
 * Each generation has a different function for this.
 */
export function wintunGeneration(exportNames: readonly string[]): WintunGeneration | undefined {
  if (exportNames.includes("WintunCloseAdapter")) return "0.14";
  if (exportNames.includes("WintunFreeAdapter")) return "0.9 to 0.13";
  return undefined;
}
