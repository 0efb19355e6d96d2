/** Who can change a program, or put a file beside it that it might load. */
import { FileHandle } from "./file.ts";
import { type FileSecurity, parseSddl } from "./sddl.ts";
import { fileSecurity } from "./security.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { trustedAccounts } from "./trusted_accounts.ts";

// Access rights of files and folders (winnt.h). Some bits mean one thing for a file and another for a folder.
const FILE_WRITE_DATA = 0x2;
const FILE_APPEND_DATA = 0x4;
const FILE_ADD_FILE = 0x2;
const FILE_ADD_SUBDIRECTORY = 0x4;
const FILE_DELETE_CHILD = 0x40;
/** Enough to turn a file into a link ("FSCTL_SET_REPARSE_POINT", [MS-FSA] 2.1.5.10.37). */
const FILE_WRITE_ATTRIBUTES = 0x100;
const DELETE = 0x1_0000;
const WRITE_DAC = 0x4_0000;
const WRITE_OWNER = 0x8_0000;
const GENERIC_ALL = 0x1000_0000;
const GENERIC_WRITE = 0x4000_0000;

/** The rights by which something can be replaced, or given to somebody else. */
const REPLACE = DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL;

/** The rights that let an account change what runs: in the program's file, its folder, and a folder above that. */
export const CHANGE = {
  program: REPLACE | FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_ATTRIBUTES | GENERIC_WRITE,
  // A new file could be a DLL that the program loads; a new folder, `wintun.exe.local`, could have one in it.
  folder: REPLACE | FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | FILE_DELETE_CHILD | GENERIC_WRITE,
  // Others may add something to a folder above. They may not rename the folder of the program, and put another there.
  above: REPLACE | FILE_DELETE_CHILD,
} as const;

/** An account that can change what a program runs. */
export interface Writer {
  /** The program's file, its folder, or a folder above it, which the account can write, rename or replace. */
  readonly path: string;
  /** In SDDL: `BU`, `WD`, `S-1-5-21-…`. */
  readonly account: string;
}

/**
 * Returns the accounts besides administrators and the system that can change a program, or the files beside it. The
 * result is empty if there is none.
 * @param program its absolute path. Links in it are followed.
 * @throws {Win32Error} if Windows does not report who may write there.
 */
export function writersOf(libraries: SystemLibraries, program: string): Writer[] {
  const trusted = trustedAccounts(libraries);
  using file = FileHandle.hold(libraries, program);
  return componentsOf(withoutPrefix(file.finalPath())).flatMap(({ path, change }) => {
    using open = FileHandle.look(libraries, path);
    return writersOfOpen(libraries, open, trusted, change);
  });
}

/**
 * Returns the accounts that can change an open file or folder, and are not trusted.
 * @param change the rights that change it: one of `CHANGE`.
 * @throws {Win32Error} if Windows does not report who may write there.
 */
export function writersOfOpen(
  libraries: SystemLibraries,
  open: FileHandle,
  trusted: ReadonlySet<string>,
  change: number,
): Writer[] {
  const security = parseSddl(fileSecurity(libraries, open));
  return strangers(security, trusted, change).map((account) => ({ path: open.path, account }));
}

/** Returns the accounts that have one of the rights, or own the object, and are not trusted. */
export function strangers(
  { owner, grants }: FileSecurity,
  trusted: ReadonlySet<string>,
  rights: number,
): string[] {
  // An owner can change the access list.
  const accounts = [owner];
  if (grants === undefined) accounts.push("WD");
  for (const { trustee, rights: granted, isInheritOnly } of grants ?? []) {
    if (!isInheritOnly && (granted & rights) !== 0) accounts.push(trustee);
  }
  return Array.from(new Set(accounts)).filter((account) => !trusted.has(account));
}

/**
 * Returns what must not change so that the program at an absolute path stays the same, each with the rights that change
 * it: the program, its folder, and the folders above up to the drive (`C:\`) or the share.
 */
export function componentsOf(program: string): { readonly path: string; readonly change: number }[] {
  const root = /^(?:[A-Za-z]:\\|\\\\[^\\]+\\[^\\]+\\)/.exec(program)?.[0] ?? "";
  const names = program.slice(root.length).split("\\").slice(0, -1);
  const folders = names.map((_, index) => root + names.slice(0, index + 1).join("\\")).reverse();
  const [folder, ...above] = [...folders, root];
  return [
    { path: program, change: CHANGE.program },
    { path: folder, change: CHANGE.folder },
    ...above.map((path) => ({ path, change: CHANGE.above })),
  ];
}

/** Returns a path without the prefix `\\?\`, in the form that users know. */
export function withoutPrefix(path: string): string {
  return path.replace(/^\\\\\?\\(UNC\\)?/i, (_, unc) => unc === undefined ? "" : "\\\\");
}
