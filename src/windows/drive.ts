import { systemFunctions } from "./system_functions.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { fromWideString, toWideString } from "./wide_string.ts";

export const DRIVE_FUNCTIONS = systemFunctions("kernel32", {
  GetDriveTypeW: { parameters: ["buffer" /* LPCWSTR lpRootPathName */], result: "u32" },
  QueryDosDeviceW: {
    parameters: [
      "buffer", /* LPCWSTR lpDeviceName */
      "buffer", /* LPWSTR lpTargetPath */
      "u32", /* DWORD ucchMax, in characters */
    ],
    result: "u32",
  },
});

/** The results of GetDriveTypeW that this program tells apart (winbase.h). */
const DRIVE_REMOVABLE = 2;
const DRIVE_FIXED = 3;
const DRIVE_REMOTE = 4;
/** Longest target that this program reads, in UTF-16 units. */
const MAX_TARGET_UNITS = 0x8000;

/**
 * What is behind a drive letter: a disk of this machine; one that can be taken out; another machine; a folder for which
 * somebody set the letter (`subst`), `path`; or something else, such as an optical disk.
 */
export type Drive =
  | { readonly kind: "fixed" | "removable" | "network" | "other" }
  | { readonly kind: "substituted"; readonly path: string };

/**
 * Returns what is behind a drive letter for this process ("GetDriveTypeW function" and "QueryDosDeviceW function", Windows
 * documentation). Other sessions, and so services, may have something else behind it, unless it is a disk.
 * @param letter with its colon: `C:`.
 */
export function driveBehind(libraries: SystemLibraries, letter: string): Drive {
  const { GetDriveTypeW, QueryDosDeviceW } = libraries.bind(DRIVE_FUNCTIONS);
  const units = new Uint16Array(MAX_TARGET_UNITS);
  // The first of several targets is the one that counts. None: there is no such drive.
  const target = QueryDosDeviceW(toWideString(letter), units, units.length) === 0
    ? ""
    : fromWideString(units);
  return driveOf(GetDriveTypeW(toWideString(`${letter}\\`)), target);
}

/** Returns what is behind a drive letter. @param type of GetDriveTypeW. @param target of QueryDosDeviceW. */
export function driveOf(type: number, target: string): Drive {
  if (target.startsWith("\\??\\UNC\\")) return { kind: "network" };
  if (target.startsWith("\\??\\")) return { kind: "substituted", path: target.slice("\\??\\".length) };
  switch (type) {
    case DRIVE_FIXED:
      return { kind: "fixed" };
    case DRIVE_REMOVABLE:
      return { kind: "removable" };
    case DRIVE_REMOTE:
      return { kind: "network" };
    default:
      return { kind: "other" };
  }
}
