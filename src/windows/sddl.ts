/** An access list that allows everything to administrators and the system, and nothing to anybody else. */
const administratorsOnly = (inheritance: string, rights: string): string =>
  `D:P(A;${inheritance};${rights};;;SY)(A;${inheritance};${rights};;;BA)`;

/** The descriptor of a kernel object for administrators only. */
export const ADMINISTRATORS_ONLY: string = administratorsOnly("", "GA");

/**
 * The descriptor of a file or folder for administrators only. Files and folders created in it inherit the access list;
 * the administrators are the owner.
 */
export const ADMINISTRATORS_FILE: string = `O:BAG:BA${administratorsOnly("OICI", "FA")}`;

/** An entry of an access list in SDDL that grants access ("ACE Strings", Windows documentation). */
export interface Grant {
  /** The account in SDDL: `SY`, `BA`, `S-1-5-21-…`. */
  readonly trustee: string;
}

/** Owner and access of a security descriptor in SDDL. */
export interface FileSecurity {
  readonly owner: string;
  /** `undefined` if there is no access list: everybody then has full access. */
  readonly grants: readonly Grant[] | undefined;
}

/** An entry up to its trustee. A condition, which can contain parentheses, may follow. */
const ENTRY = /\(([A-Z]+);[^;()]*;[^;()]*;[^;()]*;[^;()]*;([^;()]*)/g;
const DENYING = new Set(["D", "OD", "XD"]);

/**
 * Reads the owner and the entries that grant access. Every kind of entry that does not deny counts as granting. The
 * text must not contain audit entries.
 * @throws {Error} if the text is not such a descriptor.
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
