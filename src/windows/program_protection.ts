/** Whether a program that Windows will run as a service, maybe months from now, will still be the same one. */
import { driveBehind } from "./drive.ts";
import { FileHandle } from "./file.ts";
import { accountName } from "./sddl.ts";
import type { SystemLibraries } from "./system_libraries.ts";
import { trustedAccounts } from "./trusted_accounts.ts";
import { componentsOf, withoutPrefix, type Writer, writersOfOpen } from "./writers.ts";

/** Why another program could lie at a path one day, though no administrator put it there. */
export type Weakness =
  /** An account that is no administrator can change, rename or replace the file or folder `path`. */
  | ({ readonly kind: "writer" } & Writer)
  /** `path` is a link. Where it leads to may change, and this program checks only the way that has no links. */
  | { readonly kind: "link"; readonly path: string }
  /** The path lies on another machine, on a disk that can be taken out, or on no disk. `path` is its drive or share. */
  | { readonly kind: "network" | "removable" | "no disk"; readonly path: string }
  /** `path` is a drive letter that somebody set for the folder `target`. Services need not have it. */
  | { readonly kind: "substituted"; readonly path: string; readonly target: string };

/**
 * Returns why accounts besides administrators and the system could replace a program, or a DLL, at a path. The result is
 * empty if they cannot. Links are not followed: Windows goes the same way when it starts the service.
 * @param program its absolute path, with backslashes.
 * @throws {Win32Error} if it does not exist, or Windows does not report who may write there.
 */
export function weaknessesOf(libraries: SystemLibraries, program: string): Weakness[] {
  const path = withoutPrefix(program);
  const drive = weaknessOfDrive(libraries, path);
  if (drive !== undefined) return [drive];
  const trusted = trustedAccounts(libraries);
  return componentsOf(path).flatMap(({ path, change }): Weakness[] => {
    using open = FileHandle.look(libraries, path);
    if (open.kind() === "link") return [{ kind: "link", path }];
    return writersOfOpen(libraries, open, trusted, change)
      .map((writer) => ({ kind: "writer", ...writer }));
  });
}

function weaknessOfDrive(libraries: SystemLibraries, program: string): Weakness | undefined {
  const letter = /^[A-Za-z]:(?=\\)/.exec(program)?.[0];
  if (letter === undefined) {
    const share = /^\\\\[^\\]+\\[^\\]+/.exec(program)?.[0];
    return { kind: share === undefined ? "no disk" : "network", path: share ?? program };
  }
  const drive = driveBehind(libraries, letter);
  switch (drive.kind) {
    case "fixed":
      return undefined;
    case "substituted":
      return { kind: "substituted", path: letter, target: drive.path };
    case "other":
      return { kind: "no disk", path: letter };
    default:
      return { kind: drive.kind, path: letter };
  }
}

/** Describes a weakness in a sentence for the user, without its full stop. */
export function describeWeakness(weakness: Weakness): string {
  const { path } = weakness;
  switch (weakness.kind) {
    case "writer":
      return `${path} can be changed by ${accountName(weakness.account)}`;
    case "link":
      return `${path} is a link`;
    case "network":
      return `${path} is on another machine`;
    case "removable":
      return `${path} is a disk that can be taken out`;
    case "no disk":
      return `${path} is no disk of this machine`;
    case "substituted":
      return `${path} is not a disk but stands for ${weakness.target}`;
  }
}
