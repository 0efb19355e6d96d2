/** An access list by which administrators and the system may do everything, and nobody else anything. */
const administratorsOnly = (inheritance: string, rights: string): string =>
  `D:P(A;${inheritance};${rights};;;SY)(A;${inheritance};${rights};;;BA)`;

/** The descriptor of an object of the kernel that is for administrators only. */
export const ADMINISTRATORS_ONLY: string = administratorsOnly("", "GA");

/** The same of a file or a folder, and of what is made in it; the administrators own it too. */
export const ADMINISTRATORS_FILE: string = `O:BAG:BA${administratorsOnly("OICI", "FA")}`;

/** An entry that grants access, of a list in SDDL ("ACE Strings", Windows documentation). */
export interface Grant {
  /** As SDDL writes it: `SY`, `BA`, `S-1-5-21-…`. */
  readonly trustee: string;
}

/** What a security descriptor in SDDL says of owner and access. */
export interface FileSecurity {
  readonly owner: string;
  /** `undefined`: there is no list, and everybody may do everything. */
  readonly grants: readonly Grant[] | undefined;
}

/** An entry up to its trustee; a condition with parentheses of its own may follow. */
const ENTRY = /\(([A-Z]+);[^;()]*;[^;()]*;[^;()]*;[^;()]*;([^;()]*)/g;
const DENYING = new Set(["D", "OD", "XD"]);

/**
 * Reads owner and granting entries; every kind of entry that does not deny counts as granting. Audit entries must not
 * be in the text.
 * @throws {Error} for text that is no such descriptor.
 */
export function parseSddl(sddl: string): FileSecurity {
  const owner = /^O:(.+?)(?=G:|D:|$)/.exec(sddl)?.[1];
  if (owner === undefined) throw new Error(`a security descriptor without an owner: ${sddl}`);
  const list = /D:.*/s.exec(sddl.slice(`O:${owner}`.length))?.[0];
  if (list === undefined || list.startsWith("D:NO_ACCESS_CONTROL")) return { owner, grants: undefined };
  const grants = Array.from(list.matchAll(ENTRY))
    .filter(([, kind]) => !DENYING.has(kind))
    .map(([, , trustee]) => ({ trustee }));
  return { owner, grants };
}
