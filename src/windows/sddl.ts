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
  /** The access mask (ACCESS_MASK). All bits are set if the text has rights that are not those of a file. */
  readonly rights: number;
  /** Whether the entry is only for what is created in the folder, and not for the folder itself. */
  readonly isInheritOnly: boolean;
}

/** Owner and access of a security descriptor in SDDL. */
export interface FileSecurity {
  readonly owner: string;
  /** `undefined` if there is no access list: everybody then has full access. */
  readonly grants: readonly Grant[] | undefined;
}

/** An entry up to its trustee. A condition, which can contain parentheses, may follow. */
const ENTRY = /\(([A-Z]+);([^;()]*);([^;()]*);[^;()]*;[^;()]*;([^;()]*)/g;
const DENYING = new Set(["D", "OD", "XD"]);
/** The rights that an entry of a file or folder names ("ACE Strings", Windows documentation). */
const RIGHTS: ReadonlyMap<string, number> = new Map([
  ["GA", 0x1000_0000],
  ["GR", 0x8000_0000],
  ["GW", 0x4000_0000],
  ["GX", 0x2000_0000],
  ["RC", 0x2_0000],
  ["SD", 0x1_0000],
  ["WD", 0x4_0000],
  ["WO", 0x8_0000],
  ["CC", 0x1],
  ["DC", 0x2],
  ["LC", 0x4],
  ["SW", 0x8],
  ["RP", 0x10],
  ["WP", 0x20],
  ["DT", 0x40],
  ["LO", 0x80],
  ["CR", 0x100],
  ["FA", 0x1F_01FF],
  ["FR", 0x12_0089],
  ["FW", 0x12_0116],
  ["FX", 0x12_00A0],
]);
const ALL_RIGHTS = 0xFFFF_FFFF;

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
    .map(([, , flags, rights, trustee]) => ({
      trustee,
      rights: readRights(rights),
      isInheritOnly: /^(..)*IO/.test(flags),
    }));
  return { owner, grants };
}

/** Reads the rights of an entry: a number, or names of two letters each. */
function readRights(text: string): number {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number(text);
  const names = text.match(/../g) ?? [];
  return names.reduce((mask, name) => (mask | (RIGHTS.get(name) ?? ALL_RIGHTS)) >>> 0, 0);
}

/** Accounts that are often granted access, by their names in SDDL ("SID Strings", Windows documentation). */
const ACCOUNTS: Readonly<Record<string, string>> = {
  AU: "all users",
  BU: "all users",
  IU: "all users",
  WD: "everybody",
};

/** Returns an account as messages name it: in words if it is one of these, or else as SDDL has it. */
export function accountName(account: string): string {
  return ACCOUNTS[account] ?? account;
}
