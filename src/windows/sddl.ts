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

/** Reads owner and granting entries. @throws {Error} for text that is no such descriptor. */
export function parseSddl(sddl: string): FileSecurity {
  const owner = /^O:(.+?)(?=G:|D:|S:|$)/.exec(sddl)?.[1];
  if (owner === undefined) throw new Error(`a security descriptor without an owner: ${sddl}`);
  const list = /D:([A-Z]*)((?:\([^)]*\))*)/.exec(sddl);
  if (list === null || list[1] === "NO_ACCESS_CONTROL") return { owner, grants: undefined };
  const grants = Array.from(list[2].matchAll(/\(([^)]*)\)/g), ([, entry]) => entry.split(";"))
    .filter(([kind]) => !/^(D|OD|XD)$/.test(kind))
    .map((fields) => ({ trustee: fields[5] ?? "" }));
  return { owner, grants };
}
